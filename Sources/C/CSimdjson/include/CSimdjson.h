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

/// One value that was asked for, and which it is. All memory that it points to lives until the next document is read.
typedef struct {
    /// Counts the elements that `each` leads to; 0 where nothing is repeated, and `cjson_whole` for a path from the whole
    /// document.
    size_t element;
    /// The number of the path that leads to it, or `cjson_walked`.
    size_t path;
    /// What stood in the place of each `any` of the path, or the whole way to a walked value: keys and indices with "/"
    /// between them.
    const char *key;
    size_t key_length;
    cjson_value value;
} cjson_entry;

static const size_t cjson_walked = SIZE_MAX >> 1;
static const size_t cjson_whole = SIZE_MAX >> 1;

/// A document gives no more values, nor any under a longer key.
#define cjson_most_entries 65536
#define cjson_longest_key 256

typedef enum OUTPOST_CLOSED {
    cjson_ok,
    cjson_empty,
    cjson_too_large,
    cjson_too_deep,
    cjson_not_utf8,
    cjson_bad_number,  // malformed, or beyond 64 bits
    cjson_malformed,
    cjson_no_array,    // where `each` leads to
    cjson_incomplete   // values past the limits were left out
} cjson_status;

/// A parser with its memory and the paths to the values that are wanted. Used by one thread at a time.
typedef struct cjson_reader cjson_reader;

/// Takes all memory that a document of up to `max_length` bytes can need, of which the system provides only the pages
/// that are used; null when there is none. `max_depth` counts nested arrays and objects.
cjson_reader *cjson_create(size_t max_length, size_t max_depth);
void cjson_destroy(cjson_reader *reader);

/// Starts one more path, at first to the whole document.
void cjson_add_path(cjson_reader *reader);
/// Leads the last path on, to the value of a key, to an element of an array, or to all of an array or object.
void cjson_add_key(cjson_reader *reader, const char *key, size_t length);
void cjson_add_index(cjson_reader *reader, size_t index);
void cjson_add_any(cjson_reader *reader);
/// The last path leads to an array: each of its elements is a document to the other paths, and to the walk.
void cjson_use_each(cjson_reader *reader);
/// The last path begins at the whole document, whatever `each` says; such paths come first.
void cjson_use_whole(cjson_reader *reader);
/// Asks for everything below where the last path leads to that is neither an array nor an object, unless it is an empty
/// one.
void cjson_use_walk(cjson_reader *reader);

/// Reads a document and gives the values of paths from the whole of it, then by element, by path in their order, and then those of the walk. There are some
/// only where the status is ok or incomplete.
cjson_status cjson_read(
    cjson_reader *reader, const char *bytes, size_t length, const cjson_entry **entries, size_t *count);

// MARK: JSON as a whole

/// A document with all that it holds, however much.
typedef struct cjson_tree cjson_tree;

/// A value within a document, for as long as that lives.
typedef struct {
    uintptr_t place[2];
} cjson_node;

typedef struct {
    const char *key;
    size_t key_length;
    cjson_node node;
} cjson_member;

/// Null where the status is not ok; `bytes` are not needed after it. `max_depth` counts nested arrays and objects.
cjson_tree *cjson_tree_read(const char *bytes, size_t length, size_t max_depth, cjson_status *status);
void cjson_tree_destroy(cjson_tree *tree);

cjson_node cjson_tree_root(const cjson_tree *tree);
cjson_value cjson_node_value(cjson_node node);
/// Of an object; false where it is an array, which is what else there is of kind container.
bool cjson_node_is_object(cjson_node node);
/// These give the first `most` of what there is, and return how many those are.
size_t cjson_node_members(cjson_node object, cjson_member *members, size_t most);
size_t cjson_node_elements(cjson_node array, cjson_node *elements, size_t most);
/// Ends before the first element that is no number.
size_t cjson_node_numbers(cjson_node array, double *numbers, size_t most);
/// Of an array; 0xFFFFFF stands for that many or more.
size_t cjson_node_count(cjson_node array);

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
