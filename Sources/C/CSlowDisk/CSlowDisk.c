#include "CSlowDisk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <time.h>

// The methods of files of the default disk, and ours in their place: they differ in how a sync is done. The default disk
// has a few sets of them, one for each way to lock a file.
enum { MOST = 8 };

static sqlite3_vfs slow;
static sqlite3_vfs *usual;
static const sqlite3_io_methods *theirs[MOST];
static sqlite3_io_methods ours[MOST];
static atomic_int count;
static atomic_long delay;

static const sqlite3_io_methods *methods_of(sqlite3_file *file) {
    for (int index = 0; index < count; index++)
        if (file->pMethods == &ours[index]) return theirs[index];
    return file->pMethods;
}

static int slow_sync(sqlite3_file *file, int flags) {
    long milliseconds = atomic_load(&delay);
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    if (milliseconds > 0) nanosleep(&time, 0);
    return methods_of(file)->xSync(file, flags);
}

static int slow_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    int code = usual->xOpen(usual, name, file, flags, out);
    if (code != SQLITE_OK || !file->pMethods) return code;
    // Several threads open files.
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    int index = 0;
    while (index < count && theirs[index] != file->pMethods) index++;
    if (index == count && count < MOST) {
        theirs[index] = file->pMethods;
        ours[index] = *file->pMethods;
        ours[index].xSync = slow_sync;
        count++;
    }
    if (index < count) file->pMethods = &ours[index];
    sqlite3_mutex_leave(mutex);
    return code;
}

void outpost_slow_disk_set(long milliseconds) { atomic_store(&delay, milliseconds); }

int outpost_slow_disk_install(void) {
    if (usual) return SQLITE_OK;
    usual = sqlite3_vfs_find(0);
    if (!usual) return SQLITE_ERROR;
    slow = *usual;
    slow.zName = "slow";
    slow.pNext = 0;
    slow.xOpen = slow_open;
    return sqlite3_vfs_register(&slow, 1);
}
