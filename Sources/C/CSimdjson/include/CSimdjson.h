// What needs C++ to read a payload: JSON by simdjson, and decimal numbers by std::from_chars.
// No exception leaves these functions: simdjson reports errors as codes, and the rest ends the process when there is
// no memory, as Swift does.
#ifndef OUTPOST_CSIMDJSON_H
#define OUTPOST_CSIMDJSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTPOST_CLOSED __attribute__((enum_extensibility(closed)))

#ifdef __cplusplus
extern "C" {
#endif

// MARK: JSON

typedef enum OUTPOST_CLOSED {
    cjson_missing,
    cjson_null,
    cjson_bool,
    cjson_int64,
    cjson_uint64,
    cjson_double,
    cjson_string,
    cjson_container  // array or object
} cjson_kind;

/// One value of a document, with the member that its kind names; `text` lives until the next document is read.
typedef struct {
    cjson_kind kind;
    union {
        bool boolean;
        int64_t int64;
        uint64_t uint64;
        double number;
        struct {
            const char *bytes;
            size_t length;
        } text;
    };
} cjson_value;

typedef enum OUTPOST_CLOSED {
    cjson_ok,
    cjson_empty,
    cjson_too_large,
    cjson_too_deep,
    cjson_not_utf8,
    cjson_bad_number,  // malformed, or beyond 64 bits
    cjson_malformed
} cjson_status;

/// A parser with its memory and the paths to the values that are wanted. Used by one thread at a time.
typedef struct cjson_reader cjson_reader;

/// Takes all memory that a document of up to `max_length` bytes can need, of which the system provides only the pages
/// that are used; null when there is none. `max_depth` counts nested arrays and objects.
cjson_reader *cjson_create(size_t max_length, size_t max_depth);
void cjson_destroy(cjson_reader *reader);

/// Starts one more path, at first to the whole document.
void cjson_add_path(cjson_reader *reader);
/// Leads the last path on, to the value of a key or to an element of an array.
void cjson_add_key(cjson_reader *reader, const char *key, size_t length);
void cjson_add_index(cjson_reader *reader, size_t index);

/// Reads a document and puts one value for each path, in their order, into `values`, which has room for `count`.
/// Nothing is put there unless the whole document is well-formed.
cjson_status cjson_read(cjson_reader *reader, const char *bytes, size_t length, cjson_value *values, size_t count);

// MARK: Decimal numbers

typedef enum OUTPOST_CLOSED {
    cdecimal_ok,
    cdecimal_malformed,
    cdecimal_out_of_range  // too large, or too small for anything but zero
} cdecimal_status;

/// The double nearest to `text`, all of which must be a decimal number such as -4, +3.5e-2 or .5.
cdecimal_status cdecimal_read(const char *text, size_t length, double *value);

#ifdef __cplusplus
}
#endif
#endif
