extension Node {
    /// Replaces `${VARIABLE}` in every string below; a string that cannot be completed is reported and marked so.
    mutating func substituteVariables(from environment: (String) -> String?, log: ProblemLog) {
        switch content {
        case .table(var table):
            table.substituteVariables(from: environment, log: log)
            content = .table(table)
        case .array(var elements):
            for index in elements.indices { elements[index].substituteVariables(from: environment, log: log) }
            content = .array(elements)
        case .text(let text):
            content = substitute(in: text, from: environment, log: log)
        case .integer, .number, .boolean, .date, .reported:
            break
        }
    }

    private func substitute(in text: Text, from environment: (String) -> String?, log: ProblemLog) -> Content {
        guard text.string.utf8.contains(UInt8(ascii: "$")) else { return .text(text) }
        do {
            let (string, variables) = try VariableText.substitute(text.string, from: environment)
            let isVerbatim = text.isVerbatim && string == text.string
            return .text(Text(string: string, isVerbatim: isVerbatim, hasVariables: variables > 0))
        } catch {
            log.error(error.message, at: place(ofByte: error.offset ?? 0, in: text))
            return .reported
        }
    }
}

extension Table {
    mutating func substituteVariables(from environment: (String) -> String?, log: ProblemLog) {
        for index in members.indices { members[index].value.substituteVariables(from: environment, log: log) }
    }
}

/// `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, and `$${` for `${`. As in a shell, `:-` and `:?` take an empty
/// variable for an unset one.
enum VariableText {
    static func substitute(
        _ text: String, from environment: (String) -> String?
    ) throws(ValueError) -> (String, variables: Int) {
        var result = ""
        var variables = 0
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                let offset = text.utf8.distance(from: text.startIndex, to: dollar)
                guard let close = rest.firstIndex(of: "}") else {
                    throw ValueError("\"${\" without \"}\" after it; \"$${\" stands for \"${\" itself", offset: offset)
                }
                result += try value(of: rest[..<close].dropFirst(2), at: offset, from: environment)
                variables += 1
                rest = rest[close...].dropFirst()
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return (result + rest, variables)
    }

    private static func value(
        of reference: Substring, at offset: Int, from environment: (String) -> String?
    ) throws(ValueError) -> String {
        let name = reference.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let operation = reference[name.endIndex...]
        guard let first = name.first, !first.isNumber else {
            throw ValueError("a variable's name is letters, digits and \"_\", such as ${MQTT_HOST}", offset: offset)
        }
        guard !operation.indices.contains(where: { operation[$0...].hasPrefix("${") }) else {
            throw ValueError("a variable cannot stand inside of another one", offset: offset)
        }
        let value = environment(String(name))
        if operation.isEmpty {
            guard let value else {
                throw ValueError(
                    "the variable \(name) is not set; ${\(name):-VALUE} would have a default", offset: offset)
            }
            return value
        }
        if operation.hasPrefix(":-") || operation.hasPrefix(":?") {
            if let value, !value.isEmpty { return value }
            if operation.hasPrefix(":-") { return String(operation.dropFirst(2)) }
            throw ValueError("the variable \(name) is not set: \(operation.dropFirst(2))", offset: offset)
        }
        // What stands there instead is not repeated: it may be a secret.
        throw ValueError(
            "behind a variable's name stands \"}\", \":-default}\" or \":?message}\"", offset: offset)
    }
}
