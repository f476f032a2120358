#include "CToml.h"

// With NDEBUG toml++ turns its assertions into promises to the optimizer, and without it into aborts; malformed keys
// such as `[.]` break some of them. As no-ops they do neither: the parser's own checks then report those keys.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_HEADER_ONLY 1
// Swift refuses deeper documents first; this stands only behind that.
#define TOML_MAX_NESTED_VALUES 128
#include <toml++/toml.h>

namespace {

struct Visitor {
    void (*visit)(void *, const CTomlItem *);
    void *context;

    void send(const CTomlItem &item) const { visit(context, &item); }

    void sendEnd() const {
        CTomlItem item = {};
        item.kind = CTomlKindEnd;
        send(item);
    }
};

CTomlText text(std::string_view view) { return {view.data(), view.size()}; }

CTomlPlace place(const toml::source_position &position) { return {position.line, position.column}; }

void walk(const toml::node &node, const toml::key *key, const Visitor &visitor);

void walkTable(CTomlItem item, const toml::table &table, const Visitor &visitor) {
    item.kind = CTomlKindTable;
    visitor.send(item);
    for (const auto &[key, member] : table) walk(member, &key, visitor);
    visitor.sendEnd();
}

void walkArray(CTomlItem item, const toml::array &array, const Visitor &visitor) {
    item.kind = CTomlKindArray;
    visitor.send(item);
    for (const auto &element : array) walk(element, nullptr, visitor);
    visitor.sendEnd();
}

void walkScalar(CTomlItem item, const toml::node &node, const Visitor &visitor) {
    if (const auto *string = node.as_string()) {
        item.kind = CTomlKindString;
        item.text = text(string->get());
    } else if (const auto *integer = node.as_integer()) {
        item.kind = CTomlKindInteger;
        item.integer = integer->get();
    } else if (const auto *number = node.as_floating_point()) {
        item.kind = CTomlKindNumber;
        item.number = number->get();
    } else if (const auto *boolean = node.as_boolean()) {
        item.kind = CTomlKindBoolean;
        item.boolean = boolean->get();
    } else {
        item.kind = CTomlKindDate;
    }
    visitor.send(item);
}

void walk(const toml::node &node, const toml::key *key, const Visitor &visitor) {
    CTomlItem item = {};
    if (key) {
        item.key = text(key->str());
        item.keyPlace = place(key->source().begin);
    }
    item.start = place(node.source().begin);
    item.end = place(node.source().end);
    if (const auto *table = node.as_table()) {
        walkTable(item, *table, visitor);
    } else if (const auto *array = node.as_array()) {
        walkArray(item, *array, visitor);
    } else {
        walkScalar(item, node, visitor);
    }
}

}  // namespace

void CTomlParse(const char *bytes, size_t count, void (*visit)(void *context, const CTomlItem *item), void *context) {
    const Visitor visitor = {visit, context};
    const toml::parse_result result = toml::parse(std::string_view(bytes, count));
    if (result) {
        walk(result.table(), nullptr, visitor);
        return;
    }
    CTomlItem item = {};
    item.kind = CTomlKindError;
    item.text = text(result.error().description());
    item.start = place(result.error().source().begin);
    visitor.send(item);
}
