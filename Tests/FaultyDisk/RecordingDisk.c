#include "RecordingDisk.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, MOST_FILES = 16 };
enum kind { WRITE, TRUNCATE, SYNC, DELETE };

typedef struct {
    enum kind kind;
    int file;
    // Of a truncation the new size; of a deletion or a sync whether the directory was synced, too.
    int64_t offset;
    int length;
    unsigned char *bytes;
} operation;

static operation *operations;
static long count, capacity;
static char *names[MOST_FILES];
static int name_count;

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// -1 for files without a name, which are SQLite's own for a moment: no power cut leaves them.
static int file_number(const char *path) {
    if (!path) return -1;
    const char *name = base_name(path);
    for (int i = 0; i < name_count; i++)
        if (strcmp(names[i], name) == 0) return i;
    if (name_count == MOST_FILES) abort();
    names[name_count] = strdup(name);
    return name_count++;
}

static void note(enum kind kind, int file, int64_t offset, const void *bytes, int length) {
    if (file < 0) return;
    if (count == capacity) {
        capacity = capacity ? capacity * 2 : 1024;
        operations = realloc(operations, capacity * sizeof *operations);
    }
    unsigned char *copy = 0;
    if (length > 0) memcpy(copy = malloc(length), bytes, length);
    operations[count++] = (operation){kind, file, offset, length, copy};
}

void recording_disk_clear(void) {
    for (long i = 0; i < count; i++) free(operations[i].bytes);
    for (int i = 0; i < name_count; i++) free(names[i]);
    count = name_count = 0;
}
long recording_disk_position(void) { return count; }

// The VFS. Nothing is synced in truth: the test's machine keeps its power.

typedef struct { sqlite3_file base; sqlite3_file *real; int number; int is_new; } recorded_file;
#define REAL(f) (((recorded_file *)(f))->real)
#define NUMBER(f) (((recorded_file *)(f))->number)
#define IS_NEW(f) (((recorded_file *)(f))->is_new)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int r_close(sqlite3_file *f) { return CALL(f, xClose); }
static int r_read(sqlite3_file *f, void *p, int n, sqlite3_int64 o) { return CALL(f, xRead, p, n, o); }
static int r_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 o) {
    note(WRITE, NUMBER(f), o, p, n);
    return CALL(f, xWrite, p, n, o);
}
static int r_truncate(sqlite3_file *f, sqlite3_int64 n) {
    note(TRUNCATE, NUMBER(f), n, 0, 0);
    return CALL(f, xTruncate, n);
}
static int r_sync(sqlite3_file *f, int flags) {
    // The first sync of a new log or journal is one of the directory, too.
    note(SYNC, NUMBER(f), IS_NEW(f), 0, 0);
    IS_NEW(f) = 0;
    return SQLITE_OK;
}
static int r_size(sqlite3_file *f, sqlite3_int64 *n) { return CALL(f, xFileSize, n); }
static int r_lock(sqlite3_file *f, int l) { return CALL(f, xLock, l); }
static int r_unlock(sqlite3_file *f, int l) { return CALL(f, xUnlock, l); }
static int r_reserved(sqlite3_file *f, int *r) { return CALL(f, xCheckReservedLock, r); }
static int r_control(sqlite3_file *f, int op, void *p) { return CALL(f, xFileControl, op, p); }
static int r_sector(sqlite3_file *f) { return CALL(f, xSectorSize); }
static int r_traits(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics); }
static int r_shm_map(sqlite3_file *f, int r, int n, int x, void volatile **p) { return CALL(f, xShmMap, r, n, x, p); }
static int r_shm_lock(sqlite3_file *f, int o, int n, int l) { return CALL(f, xShmLock, o, n, l); }
static void r_shm_barrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int r_shm_unmap(sqlite3_file *f, int d) { return CALL(f, xShmUnmap, d); }

static const sqlite3_io_methods methods = {
    2, r_close, r_read, r_write, r_truncate, r_sync, r_size, r_lock, r_unlock, r_reserved, r_control, r_sector,
    r_traits, r_shm_map, r_shm_lock, r_shm_barrier, r_shm_unmap, 0, 0};

static sqlite3_vfs *real_vfs;

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
    recorded_file *file = (recorded_file *)f;
    file->real = (sqlite3_file *)(file + 1);
    memset(file->real, 0, real_vfs->szOsFile);
    int is_there = 0;
    if (name) real_vfs->xAccess(real_vfs, name, SQLITE_ACCESS_EXISTS, &is_there);
    int code = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
    file->base.pMethods = code == SQLITE_OK ? &methods : 0;
    file->is_new = !is_there && flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL);
    file->number = file_number(name);
    return code;
}

static int v_delete(sqlite3_vfs *v, const char *name, int sync_directory) {
    int code = real_vfs->xDelete(real_vfs, name, 0);
    if (code == SQLITE_OK) note(DELETE, file_number(name), sync_directory, 0, 0);
    return code;
}

void recording_disk_register(void) {
    static sqlite3_vfs vfs;
    if (vfs.zName) return;
    real_vfs = sqlite3_vfs_find(0);
    vfs = *real_vfs;
    vfs.zName = "recording";
    vfs.szOsFile = (int)sizeof(recorded_file) + real_vfs->szOsFile;
    vfs.xOpen = v_open;
    vfs.xDelete = v_delete;
    vfs.pNext = 0;
    sqlite3_vfs_register(&vfs, 0);
}

// The power cut.

static uint64_t next_random(uint64_t *state) {  // SplitMix64
    uint64_t mixed = *state += 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

typedef struct {
    unsigned char *bytes;
    int64_t size, room;
    int exists;
    // Its deletion is lost: what a later file of its name got was never to be found.
    int outlives;
} image;

static void resize(image *file, int64_t size) {
    if (size > file->room) {
        file->bytes = realloc(file->bytes, size * 2);
        file->room = size * 2;
    }
    if (size > file->size) memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
}

static void put(image *file, int64_t offset, const unsigned char *bytes, int64_t length) {
    if (offset + length > file->size) resize(file, offset + length);
    memcpy(file->bytes + offset, bytes, length);
}

// `kept` of 256 survive.
static int is_kept(unsigned kept, uint64_t *random) { return (next_random(random) & 0xFF) < kept; }

// Of the sectors that a write touches those that reach the disk.
static void put_some(image *file, const operation *write, unsigned kept, uint64_t *random) {
    int64_t end = write->offset + write->length;
    for (int64_t from = write->offset; from < end;) {
        int64_t to = (from / SECTOR + 1) * SECTOR;
        if (to > end) to = end;
        if (is_kept(kept, random)) {
            file->exists = 1;
            put(file, from, write->bytes + (from - write->offset), to - from);
        }
        from = to;
    }
}

static void perform(image *file, const operation *op, unsigned kept, uint64_t *random) {
    if (file->outlives) return;
    switch (op->kind) {
    case WRITE: put_some(file, op, kept, random); break;
    case TRUNCATE:
        if (is_kept(kept, random)) resize(file, op->offset);
        break;
    case DELETE:
        if (is_kept(kept, random)) {
            file->exists = 0;
            file->size = 0;
        } else {
            file->outlives = 1;
        }
        break;
    case SYNC: break;
    }
}

static int save(const image *file, const char *directory, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "wb");
    if (!out) return -1;
    size_t written = file->size ? fwrite(file->bytes, 1, file->size, out) : 0;
    return fclose(out) == 0 && written == (size_t)file->size ? 0 : -1;
}

int recording_disk_cut(long position, uint64_t seed, const char *directory) {
    image files[MOST_FILES] = {0};
    // Each file has its own fate: nothing, anything, nearly everything or all of what was not synced.
    unsigned kept[MOST_FILES];
    long synced[MOST_FILES];
    uint64_t random = seed;
    for (int i = 0; i < name_count; i++) {
        synced[i] = -1;
        unsigned fates[] = {0, 128, 250, 256};
        kept[i] = fates[next_random(&random) & 3];
    }
    if (position > count) position = count;
    long directory_synced = -1;
    for (long i = 0; i < position; i++) {
        const operation *op = &operations[i];
        if (op->kind == SYNC) synced[op->file] = i;
        if ((op->kind == SYNC || op->kind == DELETE) && op->offset) directory_synced = i;
    }
    for (long i = 0; i < position; i++) {
        const operation *op = &operations[i];
        int is_safe = i <= (op->kind == DELETE ? directory_synced : synced[op->file]);
        perform(&files[op->file], op, is_safe ? 256 : kept[op->file], &random);
    }
    int result = 0;
    for (int i = 0; i < name_count; i++) {
        if (files[i].exists && save(&files[i], directory, names[i]) != 0) result = -1;
        free(files[i].bytes);
    }
    return result;
}
