#ifndef OUTPOST_CSQLITE_ROUTINES_H
#define OUTPOST_CSQLITE_ROUTINES_H

// The host's SQLite, as it hands itself to an extension that it loads: from now on every sqlite3_ function that this
// library calls is the host's. Not SQLITE_OK, with a message for the host, where that cannot be.
int outpost_use_routines(const void *routines, char **message);

#endif
