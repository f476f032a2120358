// A SQLite VFS over the real one that fails, tears, fills or waits when it is told to. For tests only.
#ifndef OUTPOST_FAULTY_DISK_H
#define OUTPOST_FAULTY_DISK_H

typedef enum {
    FAULTY_DISK_WORKS,
    // The nth operation fails; those after it work.
    FAULTY_DISK_FAILS_ONCE,
    // Of the nth operation, when it is a write, one half reaches the disk; it and everything after it fail.
    FAULTY_DISK_TEARS_AND_DIES,
    // The nth operation, and every one after it, fails for lack of space where it is a write.
    FAULTY_DISK_IS_FULL,
} faulty_disk_mode;

// Makes "faulty" a name for sqlite3_open_v2. Once a process.
void faulty_disk_register(void);
// Operations are writes and syncs of all files that were opened under that name, counted from 1 at this call.
void faulty_disk_set(faulty_disk_mode mode, long nth);
void faulty_disk_set_sync_delay(int milliseconds);
long faulty_disk_operations(void);
#endif
