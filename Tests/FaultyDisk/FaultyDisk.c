#include "FaultyDisk.h"
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static _Atomic int mode;
static _Atomic long nth, operations;
static _Atomic int sync_delay;

void faulty_disk_set(faulty_disk_mode new_mode, long new_nth) {
    mode = FAULTY_DISK_WORKS;
    operations = 0;
    nth = new_nth;
    mode = new_mode;
}
void faulty_disk_set_sync_delay(int milliseconds) { sync_delay = milliseconds; }
long faulty_disk_operations(void) { return operations; }

// 0: go on. 1: fail. 2: write one half, then fail.
static int fate(int is_write) {
    long number = ++operations;
    switch (mode) {
    case FAULTY_DISK_FAILS_ONCE: return number == nth;
    case FAULTY_DISK_TEARS_AND_DIES: return number < nth ? 0 : number == nth && is_write ? 2 : 1;
    case FAULTY_DISK_IS_FULL: return is_write && number >= nth;
    default: return 0;
    }
}

typedef struct { sqlite3_file base; sqlite3_file *real; } faulty_file;
#define REAL(f) (((faulty_file *)(f))->real)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int f_close(sqlite3_file *f) { return CALL(f, xClose); }
static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 o) { return CALL(f, xRead, p, n, o); }
static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 o) {
    switch (fate(1)) {
    case 0: return CALL(f, xWrite, p, n, o);
    case 2: CALL(f, xWrite, p, n / 2, o); // fall through
    default: return mode == FAULTY_DISK_IS_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 n) { return CALL(f, xTruncate, n); }
static int f_sync(sqlite3_file *f, int flags) {
    if (sync_delay > 0) {
        struct timespec t = {sync_delay / 1000, (sync_delay % 1000) * 1000000L};
        nanosleep(&t, 0);
    }
    // Nothing is synced in truth: the test's machine keeps its power.
    return fate(0) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}
static int f_size(sqlite3_file *f, sqlite3_int64 *n) { return CALL(f, xFileSize, n); }
static int f_lock(sqlite3_file *f, int l) { return CALL(f, xLock, l); }
static int f_unlock(sqlite3_file *f, int l) { return CALL(f, xUnlock, l); }
static int f_reserved(sqlite3_file *f, int *r) { return CALL(f, xCheckReservedLock, r); }
static int f_control(sqlite3_file *f, int op, void *p) { return CALL(f, xFileControl, op, p); }
static int f_sector(sqlite3_file *f) { return CALL(f, xSectorSize); }
static int f_traits(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics); }
static int f_shm_map(sqlite3_file *f, int r, int n, int x, void volatile **p) { return CALL(f, xShmMap, r, n, x, p); }
static int f_shm_lock(sqlite3_file *f, int o, int n, int l) { return CALL(f, xShmLock, o, n, l); }
static void f_shm_barrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int f_shm_unmap(sqlite3_file *f, int d) { return CALL(f, xShmUnmap, d); }

static const sqlite3_io_methods methods = {
    2, f_close, f_read, f_write, f_truncate, f_sync, f_size, f_lock, f_unlock, f_reserved, f_control, f_sector,
    f_traits, f_shm_map, f_shm_lock, f_shm_barrier, f_shm_unmap, 0, 0};

static sqlite3_vfs *real_vfs;

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
    faulty_file *file = (faulty_file *)f;
    file->real = (sqlite3_file *)(file + 1);
    memset(file->real, 0, real_vfs->szOsFile);
    int code = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
    file->base.pMethods = code == SQLITE_OK ? &methods : 0;
    return code;
}

void faulty_disk_register(void) {
    static sqlite3_vfs vfs;
    if (vfs.zName) return;
    real_vfs = sqlite3_vfs_find(0);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(faulty_file) + real_vfs->szOsFile;
    vfs.xOpen = v_open;
    vfs.pNext = 0;
    sqlite3_vfs_register(&vfs, 0);
}
