// A program with a SQLite of its own, linked in: it loads the extension and runs statements, as others would.
//
//     host EXTENSION SQL...            rows with a | between the columns, errors as they are
//     host --version N EXTENSION       as if its SQLite were another version
//     host --two EXTENSION             hands the extension a second SQLite after the first
#define SQLITE_CORE
#include <dlfcn.h>
#include <sqlite3.h>
#include <sqlite3ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int entry_point(sqlite3 *, char **, const sqlite3_api_routines *);

static sqlite3_api_routines table;
static int version;
static int number(void) { return version; }
static int keep_table(sqlite3 *db, const char **message, const sqlite3_api_routines *routines) {
    table = *routines;
    return SQLITE_OK;
}

static int print_row(void *unused, int count, char **values, char **names) {
    for (int i = 0; i < count; i++) printf("%s%s", i ? "|" : "", values[i] ? values[i] : "");
    printf("\n");
    return 0;
}

static void load(sqlite3 *db, entry_point *entry) {
    char *message = NULL;
    int code = entry(db, &message, &table);
    printf("%d %s\n", code, message ? message : "");
    sqlite3_free(message);
}

static int load_directly(sqlite3 *db, const char *path, int is_second) {
    void *library = dlopen(path, RTLD_NOW);
    entry_point *entry = (entry_point *)dlsym(library, "sqlite3_outpostsqlite_init");
    sqlite3_api_routines first = table;
    char *message = NULL;
    if (is_second && entry(db, &message, &first) != SQLITE_OK) return 1;
    if (version) table.libversion_number = number;
    load(db, entry);
    return 0;
}

int main(int count, char **words) {
    sqlite3 *db;
    sqlite3_auto_extension((void (*)(void))keep_table);
    if (count < 3 || sqlite3_open(":memory:", &db) != SQLITE_OK) return 2;
    if (strcmp(words[1], "--version") == 0) {
        version = atoi(words[2]);
        return load_directly(db, words[3], 0);
    }
    if (strcmp(words[1], "--two") == 0) return load_directly(db, words[2], 1);
    sqlite3_enable_load_extension(db, 1);
    char *message = NULL;
    if (sqlite3_load_extension(db, words[1], NULL, &message) != SQLITE_OK) printf("%s\n", message);
    for (int i = 2; i < count; i++)
        if (sqlite3_exec(db, words[i], print_row, NULL, &message) != SQLITE_OK) printf("%s\n", message);
    sqlite3_close(db);
    char line[4096];
    for (FILE *maps = fopen("/proc/self/maps", "r"); fgets(line, sizeof line, maps);)
        if (strstr(line, "libsqlite3")) printf("%s", line);
    return 0;
}
