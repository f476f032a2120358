// A SQLite VFS over the real one that remembers what was written in which order, and what was synced; from that it
// builds the files again as a power cut may leave them. For tests only.
#ifndef OUTPOST_RECORDING_DISK_H
#define OUTPOST_RECORDING_DISK_H
#include <stdint.h>

// Makes "recording" a name for sqlite3_open_v2. Once a process.
void recording_disk_register(void);
// Forgets everything. Files that are open go on being recorded: close them before.
void recording_disk_clear(void);
// How many operations (writes, truncations, syncs, deletions) there were so far.
long recording_disk_position(void);
// Puts the files into a directory as they may be when the power fails after so many operations: of each file all that
// was synced by then, and of what came after that some sectors of 512 bytes, which ones the seed says. 0 when it worked.
int recording_disk_cut(long position, uint64_t seed, const char *directory);
#endif
