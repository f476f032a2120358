#include "CSimdjson.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dom = simdjson::dom;

// MARK: JSON

namespace {

struct Step {
    enum Kind { key, index, any } kind;
    std::string name;
    size_t number;
};

using Path = std::vector<Step>;

cjson_value value_of(dom::element element) noexcept {
    cjson_value value{};
    switch (element.type()) {
    case dom::element_type::NULL_VALUE:
        value.kind = cjson_null;
        break;
    case dom::element_type::BOOL:
        value.kind = cjson_bool;
        value.boolean = element.get_bool().value_unsafe();
        break;
    case dom::element_type::INT64:
        value.kind = cjson_int64;
        value.int64 = element.get_int64().value_unsafe();
        break;
    case dom::element_type::UINT64:
        value.kind = cjson_uint64;
        value.uint64 = element.get_uint64().value_unsafe();
        break;
    case dom::element_type::DOUBLE:
        value.kind = cjson_double;
        value.number = element.get_double().value_unsafe();
        break;
    case dom::element_type::STRING: {
        value.kind = cjson_string;
        std::string_view text = element.get_string().value_unsafe();
        value.text = {text.data(), text.size()};
        break;
    }
    case dom::element_type::ARRAY:
    case dom::element_type::OBJECT:
        value.kind = cjson_container;
        break;
    }
    return value;
}

cjson_status status_of(simdjson::error_code error) noexcept {
    switch (error) {
    case simdjson::SUCCESS: return cjson_ok;
    case simdjson::EMPTY: return cjson_empty;
    case simdjson::CAPACITY: return cjson_too_large;
    case simdjson::DEPTH_ERROR: return cjson_too_deep;
    case simdjson::UTF8_ERROR: return cjson_not_utf8;
    case simdjson::NUMBER_ERROR: return cjson_bad_number;
    default: return cjson_malformed;
    }
}

}  // namespace

struct cjson_reader {
    dom::parser parser;
    // simdjson reads up to SIMDJSON_PADDING bytes past the end, which a payload does not have.
    std::unique_ptr<char[]> padded;
    size_t max_length;
    std::vector<Path> paths;
    // How many of the paths begin at the whole document.
    size_t whole_paths = 0;
    std::unique_ptr<Path> each;
    std::unique_ptr<Path> walk_from;

    // Of the last document. While it is read, the key of an entry is its place in `keys`, which grows.
    std::vector<cjson_entry> entries;
    std::string keys;
    std::string key;
    bool is_complete = true;

    bool is_full() const { return entries.size() >= cjson_most_entries; }

    void add(size_t element, size_t path, dom::element value) {
        if (is_full() || key.size() > cjson_longest_key) {
            is_complete = false;
            return;
        }
        entries.push_back({element, path, nullptr, key.size(), value_of(value)});
        keys += key;
    }

    // Leads on from `value` under one more level of the key.
    template <typename Go> void below(std::string_view level, Go go) {
        size_t length = key.size();
        if (length > 0) { key += '/'; }
        key += level;
        go();
        key.resize(length);
    }

    // All that an array or object holds; false where it is neither, or holds nothing.
    template <typename Go> bool for_all(dom::element value, Go go) {
        bool is_empty = true;
        if (value.is_array()) {
            size_t index = 0;
            for (dom::element next : value.get_array().value_unsafe()) {
                if (is_full()) { is_complete = false; break; }
                is_empty = false;
                below(std::to_string(index++), [&] { go(next); });
            }
        } else if (value.is_object()) {
            for (dom::key_value_pair next : value.get_object().value_unsafe()) {
                if (is_full()) { is_complete = false; break; }
                is_empty = false;
                below(next.key, [&] { go(next.value); });
            }
        }
        return !is_empty;
    }

    // A key that occurs twice counts the first time.
    void follow(size_t element, size_t number, size_t step, dom::element value) {
        const Path &path = paths[number];
        for (; step < path.size(); step++) {
            if (path[step].kind == Step::any) {
                for_all(value, [&](dom::element next) { follow(element, number, step + 1, next); });
                return;
            }
            if (find(path[step], value) != simdjson::SUCCESS) { return; }
        }
        add(element, number, value);
    }

    static simdjson::error_code find(const Step &step, dom::element &value) {
        auto next = step.kind == Step::key ? value.at_key(step.name) : value.at(step.number);
        return next.get(value);
    }

    void walk(size_t element, dom::element value) {
        if (!for_all(value, [&](dom::element next) { walk(element, next); })) { add(element, cjson_walked, value); }
    }

    void read(size_t element, dom::element value) {
        for (size_t path = whole_paths; path < paths.size(); path++) { follow(element, path, 0, value); }
        if (!walk_from) { return; }
        for (const Step &step : *walk_from) {
            if (find(step, value) != simdjson::SUCCESS) { return; }
        }
        walk(element, value);
    }

    cjson_status read(dom::element document) {
        for (size_t path = 0; path < whole_paths; path++) { follow(cjson_whole, path, 0, document); }
        if (!each) {
            read(0, document);
        } else {
            for (const Step &step : *each) {
                if (find(step, document) != simdjson::SUCCESS) { return cjson_no_array; }
            }
            if (!document.is_array()) { return cjson_no_array; }
            size_t element = 0;
            for (dom::element next : document.get_array().value_unsafe()) {
                if (is_full()) { is_complete = false; break; }
                read(element++, next);
            }
        }
        size_t offset = 0;
        for (cjson_entry &entry : entries) {
            entry.key = keys.data() + offset;
            offset += entry.key_length;
        }
        return is_complete ? cjson_ok : cjson_incomplete;
    }
};

cjson_reader *cjson_create(size_t max_length, size_t max_depth) {
    std::unique_ptr<cjson_reader> reader(new (std::nothrow) cjson_reader);
    if (!reader) { return nullptr; }
    reader->max_length = max_length;
    reader->padded.reset(new (std::nothrow) char[max_length + simdjson::SIMDJSON_PADDING]);
    // One level more: simdjson refuses the level that it is given.
    if (!reader->padded || reader->parser.allocate(max_length, max_depth + 1) != simdjson::SUCCESS ||
        reader->parser.doc.allocate(max_length) != simdjson::SUCCESS) {
        return nullptr;
    }
    return reader.release();
}

void cjson_destroy(cjson_reader *reader) { delete reader; }

void cjson_add_path(cjson_reader *reader) { reader->paths.emplace_back(); }

void cjson_add_key(cjson_reader *reader, const char *key, size_t length) {
    reader->paths.back().push_back(Step{Step::key, std::string(key, length), 0});
}

void cjson_add_index(cjson_reader *reader, size_t index) {
    reader->paths.back().push_back(Step{Step::index, std::string(), index});
}

void cjson_add_any(cjson_reader *reader) { reader->paths.back().push_back(Step{Step::any, std::string(), 0}); }

void cjson_use_each(cjson_reader *reader) {
    reader->each = std::make_unique<Path>(std::move(reader->paths.back()));
    reader->paths.pop_back();
}

void cjson_use_whole(cjson_reader *reader) { reader->whole_paths++; }

void cjson_use_walk(cjson_reader *reader) {
    reader->walk_from = std::make_unique<Path>(std::move(reader->paths.back()));
    reader->paths.pop_back();
}

cjson_status cjson_read(
    cjson_reader *reader, const char *bytes, size_t length, const cjson_entry **entries, size_t *count) {
    if (length > reader->max_length) { return cjson_too_large; }
    std::memcpy(reader->padded.get(), bytes, length);
    std::memset(reader->padded.get() + length, 0, simdjson::SIMDJSON_PADDING);
    dom::element document;
    simdjson::error_code error = reader->parser.parse(reader->padded.get(), length, false).get(document);
    if (error != simdjson::SUCCESS) { return status_of(error); }
    reader->entries.clear();
    reader->keys.clear();
    reader->is_complete = true;
    cjson_status status = reader->read(document);
    *entries = reader->entries.data();
    *count = reader->entries.size();
    return status;
}

// MARK: JSON as a whole

struct cjson_tree {
    dom::parser parser;
    dom::element root;
};

// An element is a document's address and a place within it: C carries it as it is.
static_assert(sizeof(dom::element) == sizeof(cjson_node) && std::is_trivially_copyable_v<dom::element>);

namespace {

cjson_node node_of(dom::element element) noexcept {
    cjson_node node;
    std::memcpy(&node, &element, sizeof node);
    return node;
}

dom::element element_of(cjson_node node) noexcept {
    dom::element element;
    std::memcpy(static_cast<void *>(&element), &node, sizeof node);
    return element;
}

}  // namespace

cjson_tree *cjson_tree_read(const char *bytes, size_t length, size_t max_depth, cjson_status *status) {
    *status = cjson_too_large;
    std::unique_ptr<cjson_tree> tree(new (std::nothrow) cjson_tree);
    std::unique_ptr<char[]> padded(new (std::nothrow) char[length + simdjson::SIMDJSON_PADDING]());
    if (!tree || !padded) { return nullptr; }
    if (length > 0) { std::memcpy(padded.get(), bytes, length); }
    // One level more: simdjson refuses the level that it is given.
    simdjson::error_code error = tree->parser.allocate(length, max_depth + 1);
    if (error == simdjson::SUCCESS) { error = tree->parser.parse(padded.get(), length, false).get(tree->root); }
    *status = status_of(error);
    return error == simdjson::SUCCESS ? tree.release() : nullptr;
}

void cjson_tree_destroy(cjson_tree *tree) { delete tree; }

cjson_node cjson_tree_root(const cjson_tree *tree) { return node_of(tree->root); }

cjson_value cjson_node_value(cjson_node node) { return value_of(element_of(node)); }

bool cjson_node_is_object(cjson_node node) { return element_of(node).is_object(); }

size_t cjson_node_members(cjson_node object, cjson_member *members, size_t most) {
    size_t count = 0;
    for (dom::key_value_pair next : element_of(object).get_object().value_unsafe()) {
        if (count == most) { break; }
        members[count++] = {next.key.data(), next.key.size(), node_of(next.value)};
    }
    return count;
}

size_t cjson_node_elements(cjson_node array, cjson_node *elements, size_t most) {
    size_t count = 0;
    for (dom::element next : element_of(array).get_array().value_unsafe()) {
        if (count == most) { break; }
        elements[count++] = node_of(next);
    }
    return count;
}

size_t cjson_node_numbers(cjson_node array, double *numbers, size_t most) {
    size_t count = 0;
    for (dom::element next : element_of(array).get_array().value_unsafe()) {
        if (count == most || next.get_double().get(numbers[count]) != simdjson::SUCCESS) { break; }
        count++;
    }
    return count;
}

size_t cjson_node_count(cjson_node array) { return element_of(array).get_array().value_unsafe().size(); }

// MARK: Decimal numbers

// std::from_chars and not strtod: it takes no account of the locale, needs no terminating zero, and is several times
// as fast; and the result is exact, which a reader of our own would have to earn first.
cdecimal_status cdecimal_read(const char *text, size_t length, double *value) {
    const char *end = text + length;
    if (text != end && *text == '+') {
        text++;  // from_chars takes a minus alone
        if (text != end && *text == '-') { return cdecimal_malformed; }
    }
    const char *digits = text != end && *text == '-' ? text + 1 : text;
    // from_chars would take "inf" and "nan" too.
    if (digits == end || !((*digits >= '0' && *digits <= '9') || *digits == '.')) { return cdecimal_malformed; }
    std::from_chars_result result = std::from_chars(text, end, *value, std::chars_format::general);
    if (result.ec == std::errc::invalid_argument || result.ptr != end) { return cdecimal_malformed; }
    return result.ec == std::errc() ? cdecimal_ok : cdecimal_out_of_range;
}
