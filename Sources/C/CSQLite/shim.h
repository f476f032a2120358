#ifndef OUTPOST_CSQLITE_H
#define OUTPOST_CSQLITE_H
#include <sqlite3.h>

// sqlite3_config and sqlite3_db_config are variadic, which Swift cannot call.
static inline int outpost_sqlite_config_no_memory_status(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
static inline int outpost_sqlite_defensive(sqlite3 *db) { return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0); }

// An empty text of Swift has no address, which SQLite would take for NULL.
#define OUTPOST_TEXT(text) ((text) ? (text) : "")
// SQLITE_STATIC and SQLITE_TRANSIENT are casts, which Swift does not import.
static inline int outpost_sqlite_bind_text(sqlite3_stmt *s, int i, const char *text, sqlite3_uint64 length) {
    return sqlite3_bind_text64(s, i, OUTPOST_TEXT(text), length, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline void outpost_sqlite_bind_blob(sqlite3_stmt *s, int i, const void *bytes, sqlite3_uint64 length) {
    sqlite3_bind_blob64(s, i, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}
// The bytes stay the caller's and must live until the statement is reset.
static inline int outpost_sqlite_bind_borrowed_blob(sqlite3_stmt *s, int i, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_blob64(s, i, bytes, length, SQLITE_STATIC);
}
static inline void outpost_sqlite_result_text(sqlite3_context *c, const char *text, sqlite3_uint64 length) {
    sqlite3_result_text64(c, OUTPOST_TEXT(text), length, SQLITE_TRANSIENT, SQLITE_UTF8);
}
// The text ends in a zero and outlives the statement. Told its length instead, SQLite would copy it to add a zero of its
// own for everyone who asks for the text.
static inline void outpost_sqlite_result_kept_text(sqlite3_context *c, const char *text) {
    sqlite3_result_text(c, text, -1, SQLITE_STATIC);
}
static inline void outpost_sqlite_result_blob(sqlite3_context *c, const void *bytes, sqlite3_uint64 length) {
    sqlite3_result_blob64(c, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}

// A virtual table and its cursor start with SQLite's own part; the rest is ours.
typedef struct { sqlite3_vtab base; void *table; } outpost_virtual_table;
typedef struct { sqlite3_vtab_cursor base; void *cursor; sqlite3_int64 row; int is_at_end; } outpost_virtual_cursor;
static inline char *outpost_sqlite_copy(const char *text) { return sqlite3_mprintf("%s", text); }
#endif
