// For SQLite a disk like the default one, on which every sync takes its time: what `outpost bench latency` measures against.
#ifndef OUTPOST_CSLOWDISK_H
#define OUTPOST_CSLOWDISK_H

// Makes it the default for files that are opened from now on. Returns a code of SQLite.
int outpost_slow_disk_install(void);
// How long a sync takes, beside what it takes anyway.
void outpost_slow_disk_set(long milliseconds);

#endif
