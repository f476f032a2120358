#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Closed, so that Swift sees an enum and checks its switches.
enum __attribute__((enum_extensibility(closed))) CTomlKind {
    CTomlKindTable,    // its members follow, then an end
    CTomlKindArray,    // its elements follow, then an end
    CTomlKindEnd,
    CTomlKindString,
    CTomlKindInteger,
    CTomlKindNumber,
    CTomlKindBoolean,
    CTomlKindDate,     // a date, a time, or both
    CTomlKindError,    // the document is malformed: `text` says how, `start` where, and nothing follows
};

/// UTF-8, not ended by a zero; may hold zeros. Borrowed until CTomlParse returns.
typedef struct {
    const char *bytes;
    size_t count;
} CTomlText;

/// Counted from 1, in characters (Unicode scalars).
typedef struct {
    uint32_t line;
    uint32_t column;
} CTomlPlace;

typedef struct {
    enum CTomlKind kind;
    CTomlText key;          // of a table's member
    CTomlPlace keyPlace;
    CTomlPlace start;       // of a table with a header: where the header begins
    CTomlPlace end;         // just behind the value
    CTomlText text;         // of a string or an error
    int64_t integer;
    double number;
    bool boolean;
} CTomlItem;

/// Calls `visit` for every value of a document, from its root table on; members come in no useful order.
/// Recurses once for each level of nesting, so the caller limits that, and checks that `bytes` are UTF-8.
void CTomlParse(const char *bytes, size_t count, void (*visit)(void *context, const CTomlItem *item), void *context);

#ifdef __cplusplus
}
#endif
