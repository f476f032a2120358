#include "CSimdjson.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace dom = simdjson::dom;

// MARK: JSON

namespace {

struct Step {
    bool is_key;
    std::string key;
    size_t index;
};

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

// A key that occurs twice counts the first time.
cjson_value value_at(dom::element element, const std::vector<Step> &path) noexcept {
    for (const Step &step : path) {
        auto next = step.is_key ? element.at_key(step.key) : element.at(step.index);
        if (next.get(element) != simdjson::SUCCESS) { return cjson_value{}; }
    }
    return value_of(element);
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
    std::vector<std::vector<Step>> paths;
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
    reader->paths.back().push_back(Step{true, std::string(key, length), 0});
}

void cjson_add_index(cjson_reader *reader, size_t index) {
    reader->paths.back().push_back(Step{false, std::string(), index});
}

cjson_status cjson_read(cjson_reader *reader, const char *bytes, size_t length, cjson_value *values, size_t count) {
    if (length > reader->max_length) { return cjson_too_large; }
    std::memcpy(reader->padded.get(), bytes, length);
    std::memset(reader->padded.get() + length, 0, simdjson::SIMDJSON_PADDING);
    dom::element document;
    simdjson::error_code error = reader->parser.parse(reader->padded.get(), length, false).get(document);
    if (error != simdjson::SUCCESS) { return status_of(error); }
    for (size_t path = 0; path < count && path < reader->paths.size(); path++) {
        values[path] = value_at(document, reader->paths[path]);
    }
    return cjson_ok;
}

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
