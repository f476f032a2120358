// Defines each function of SQLite that our code calls, as a call through the table that a host gives to an extension.
// Nothing of libsqlite3 is linked: a host may well have a SQLite of its own, and another one beside it must not touch
// its connections, nor drop its locks on a file. Only the extension links this target. A function that is missing here
// does not link: it needs a line more.
#define SQLITE_CORE // the declarations without the macros that stand for them
#include "CSQLiteRoutines.h"
#include <sqlite3ext.h>
#include <stdatomic.h>
#include <stddef.h>

// sqlite3_vtab_in and sqlite3_vtab_rhs_value: an older table ends before them.
#define OLDEST 3038000

static _Atomic(const sqlite3_api_routines *) routines;
#define HOST atomic_load_explicit(&routines, memory_order_relaxed)

int outpost_use_routines(const void *given, char **message) {
    const sqlite3_api_routines *table = given, *known = NULL;
    const char *problem = NULL;
    if (table->libversion_number() < OLDEST)
        problem = "outpost_sqlite needs SQLite 3.38 or later in the program that loads it, which has";
    else if (!atomic_compare_exchange_strong(&routines, &known, table) && known != table)
        problem = "outpost_sqlite is in use in this process with another SQLite than the one that loads it now,";
    if (problem && message) *message = table->mprintf("%s %s", problem, table->libversion());
    return problem ? SQLITE_ERROR : SQLITE_OK;
}

#define CALL(result, name, parameters, ...) \
    __attribute__((visibility("hidden"))) result sqlite3_##name parameters { return HOST->name(__VA_ARGS__); }

typedef sqlite3_context context;
typedef sqlite3_stmt stmt;
typedef sqlite3_value value;
typedef sqlite3_index_info index_info;
typedef sqlite3_int64 int64;
typedef sqlite3_uint64 uint64;
typedef unsigned char uchar;
typedef void (*destructor)(void *);
typedef void (*function)(context *, int, value **);
typedef void (*finisher)(context *);

// Connections
CALL(int, open_v2, (const char *path, sqlite3 **db, int flags, const char *vfs), path, db, flags, vfs)
CALL(int, close_v2, (sqlite3 *db), db)
CALL(int, busy_timeout, (sqlite3 *db, int ms), db, ms)
CALL(const char *, db_filename, (sqlite3 *db, const char *schema), db, schema)
CALL(int, db_status, (sqlite3 *db, int op, int *now, int *most, int reset), db, op, now, most, reset)
CALL(int, errcode, (sqlite3 *db), db)
CALL(const char *, errmsg, (sqlite3 *db), db)
CALL(const char *, errstr, (int code), code)
CALL(int, get_autocommit, (sqlite3 *db), db)
CALL(void, free, (void *memory), memory)
CALL(void *, wal_hook, (sqlite3 *db, int (*hook)(void *, sqlite3 *, const char *, int), void *with), db, hook, with)
CALL(int, wal_checkpoint_v2, (sqlite3 *db, const char *schema, int mode, int *in_log, int *moved),
     db, schema, mode, in_log, moved)
CALL(int, exec, (sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *with, char **message),
     db, sql, row, with, message)
CALL(sqlite3_backup *, backup_init, (sqlite3 *to, const char *name, sqlite3 *from, const char *schema),
     to, name, from, schema)
CALL(int, backup_step, (sqlite3_backup *b, int pages), b, pages)
CALL(int, backup_remaining, (sqlite3_backup *b), b)
CALL(int, backup_pagecount, (sqlite3_backup *b), b)
CALL(int, backup_finish, (sqlite3_backup *b), b)
CALL(int, strglob, (const char *pattern, const char *text), pattern, text)

// Statements
CALL(int, prepare_v3, (sqlite3 *db, const char *sql, int length, unsigned int flags, stmt **s, const char **tail),
     db, sql, length, flags, s, tail)
CALL(int, step, (stmt *s), s)
CALL(int, reset, (stmt *s), s)
CALL(int, finalize, (stmt *s), s)
CALL(const char *, sql, (stmt *s), s)
CALL(int, bind_null, (stmt *s, int i), s, i)
CALL(int, bind_int64, (stmt *s, int i, int64 number), s, i, number)
CALL(int, bind_double, (stmt *s, int i, double number), s, i, number)
CALL(int, bind_blob64, (stmt *s, int i, const void *bytes, uint64 length, destructor drop), s, i, bytes, length, drop)
CALL(int, bind_text64, (stmt *s, int i, const char *text, uint64 length, destructor drop, uchar encoding),
     s, i, text, length, drop, encoding)
CALL(int, column_count, (stmt *s), s)
CALL(const char *, column_name, (stmt *s, int i), s, i)
CALL(int, column_type, (stmt *s, int i), s, i)
CALL(int, column_bytes, (stmt *s, int i), s, i)
CALL(int64, column_int64, (stmt *s, int i), s, i)
CALL(double, column_double, (stmt *s, int i), s, i)
CALL(const uchar *, column_text, (stmt *s, int i), s, i)
CALL(const void *, column_blob, (stmt *s, int i), s, i)

// Functions and virtual tables
CALL(int, create_function_v2,
     (sqlite3 *db, const char *name, int n, int flags, void *with, function call, function step, finisher end,
      destructor drop),
     db, name, n, flags, with, call, step, end, drop)
CALL(int, create_window_function,
     (sqlite3 *db, const char *name, int n, int flags, void *with, function step, finisher end, finisher now,
      function inverse, destructor drop),
     db, name, n, flags, with, step, end, now, inverse, drop)
CALL(int, create_module_v2, (sqlite3 *db, const char *name, const sqlite3_module *module, void *with, destructor drop),
     db, name, module, with, drop)
CALL(int, declare_vtab, (sqlite3 *db, const char *sql), db, sql)
CALL(int, vtab_in, (index_info *info, int i, int handle), info, i, handle)
CALL(int, vtab_in_first, (value *list, value **element), list, element)
CALL(int, vtab_in_next, (value *list, value **element), list, element)
CALL(int, vtab_rhs_value, (index_info *info, int i, value **v), info, i, v)
CALL(const char *, vtab_collation, (index_info *info, int i), info, i)
CALL(void *, user_data, (context *c), c)
CALL(void *, aggregate_context, (context *c, int bytes), c, bytes)
CALL(int, value_type, (value *v), v)
CALL(int, value_numeric_type, (value *v), v)
CALL(int, value_bytes, (value *v), v)
CALL(int64, value_int64, (value *v), v)
CALL(double, value_double, (value *v), v)
CALL(const uchar *, value_text, (value *v), v)
CALL(const void *, value_blob, (value *v), v)
CALL(void, result_null, (context *c), c)
CALL(void, result_int64, (context *c, int64 number), c, number)
CALL(void, result_double, (context *c, double number), c, number)
CALL(void, result_text, (context *c, const char *text, int length, destructor drop), c, text, length, drop)
CALL(void, result_text64, (context *c, const char *text, uint64 length, destructor drop, uchar encoding),
     c, text, length, drop, encoding)
CALL(void, result_blob64, (context *c, const void *bytes, uint64 length, destructor drop), c, bytes, length, drop)
CALL(void, result_error, (context *c, const char *text, int length), c, text, length)
CALL(void, result_error_nomem, (context *c), c)

CALL(int, set_authorizer, (sqlite3 *db, int (*ask)(void *, int, const char *, const char *, const char *, const char *), void *with),
     db, ask, with)
CALL(void, progress_handler, (sqlite3 *db, int steps, int (*look)(void *), void *with), db, steps, look, with)
CALL(int64, hard_heap_limit64, (int64 bytes), bytes)

// The arguments of these vary. The options that are set here all take a number and give one back.
__attribute__((visibility("hidden"))) int sqlite3_db_config(sqlite3 *db, int option, ...) {
    va_list arguments;
    va_start(arguments, option);
    int number = va_arg(arguments, int);
    int *result = va_arg(arguments, int *);
    va_end(arguments);
    return HOST->db_config(db, option, number, result);
}
__attribute__((visibility("hidden"))) char *sqlite3_mprintf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = HOST->vmprintf(format, arguments);
    va_end(arguments);
    return text;
}
