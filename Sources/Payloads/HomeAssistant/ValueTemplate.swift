/// A template of Home Assistant that leads to a value and changes nothing of it: `{{ value }}`,
/// `{{ value_json.a.b }}`, `{{ value_json['a'][0] }}`, with `| is_defined` or `| float` behind it.
enum ValueTemplate: Equatable {
    /// All of the payload.
    case whole
    case path(JSONPath)

    /// Nil for whatever else a template can be: this is no place to run programs.
    init?(_ text: String) {
        let text = text.filter { $0 != " " }
        guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count > 4 else { return nil }
        var expression = text.dropFirst(2).dropLast(2)
        for filter in ["|is_defined", "|float"] where expression.hasSuffix(filter) {
            expression = expression.dropLast(filter.count)
        }
        if expression == "value" {
            self = .whole
            return
        }
        guard expression.hasPrefix("value_json") else { return nil }
        let steps = Self.path(expression.dropFirst("value_json".count))
        guard let path = try? JSONPath(parsing: steps), !path.hasWildcard else { return nil }
        self = .path(path)
    }

    /// As our own paths are written.
    private static func path(_ text: Substring) -> String {
        let path = String(text.map { $0 == "'" ? "\"" : $0 })
        return path.hasPrefix(".") ? String(path.dropFirst()) : path
    }
}
