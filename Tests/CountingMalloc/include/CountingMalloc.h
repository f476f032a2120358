// Linked into a program, this takes the place of malloc and its kin in all of the process, and counts their calls.
#ifndef OUTPOST_COUNTING_MALLOC_H
#define OUTPOST_COUNTING_MALLOC_H
#include <stddef.h>

size_t counting_malloc_calls(void);

#endif
