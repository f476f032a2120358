extension TableReader {
    /// Any text but an empty one.
    func text(_ key: String, example: String, isRequired: Bool = false) -> String? {
        parsed(key, example: example, isRequired: isRequired) { (text) throws(ValueError) in text }
    }

    /// A text that `parse` makes something of.
    func parsed<Value>(
        _ key: String, example: String, isRequired: Bool = false, _ parse: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard let member = member(key) else {
            if isRequired { reportMissing("\(key) = \"\(example)\"") }
            return nil
        }
        return parsed(member, example: example, parse)
    }

    private func parsed<Value>(
        _ member: Table.Member, example: String, _ parse: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard let text = text(of: member, expected: "a string", example: "\"\(example)\"") else { return nil }
        do {
            try TextRules.check(text.string)
            return try parse(text.string)
        } catch {
            report(error, in: text, of: member)
            return nil
        }
    }

    /// One of the words that the type knows.
    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: Word) -> Word {
        word(key, example: fallback) ?? fallback
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, example: Word, isRequired: Bool = false
    ) -> Word? {
        parsed(key, example: example.rawValue, isRequired: isRequired) { (text) throws(ValueError) in
            if let word = Word(rawValue: text) { return word }
            let hint = Suggestions.hint(for: text, among: Word.allCases.map(\.rawValue))
            throw ValueError("\(quoted(text)) is not known\(hint)")
        }
    }

    func flag(_ key: String, default fallback: Bool) -> Bool {
        guard let member = member(key) else { return fallback }
        if case .boolean(let value) = member.value.content { return value }
        reportType(of: member, expected: "a boolean", example: "\(fallback)")
        return fallback
    }

    func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>, remarks: [Int: String] = [:]
    ) -> Int {
        guard let member = member(key) else { return fallback }
        guard case .integer(let value) = member.value.content else {
            reportType(of: member, expected: "an integer", example: "\(fallback)")
            return fallback
        }
        if let remark = remarks[value] {
            log.error("\(key) = \(value) \(remark)", at: member.value.place)
        } else if !range.contains(value) {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            log.error("\(key) = \(value) is out of range: \(bounds)", at: member.value.place)
        }
        return value
    }

    func duration(_ key: String, default fallback: Duration, in range: ClosedRange<Duration>) -> Duration {
        guard let member = member(key) else { return fallback }
        return duration(of: member, example: fallback, in: range) ?? fallback
    }

    func duration(of member: Table.Member, example: Duration, in range: ClosedRange<Duration>) -> Duration? {
        if case .integer(let count) = member.value.content, count > 0 {
            log.error("\(member.label): a duration needs a unit: write \"\(count)s\"", at: member.value.place)
            return nil
        }
        let example = "\"\(DurationText.write(example))\""
        guard let text = text(of: member, expected: "a duration", example: example) else { return nil }
        return quantity(text, of: member, in: range, parse: DurationText.parse, write: DurationText.write)
    }

    /// The elements of an array, each as a member under its key, so that it is reported like one.
    func elements(_ key: String, example: String) -> [Table.Member]? {
        guard let member = member(key) else { return nil }
        guard case .array(let elements) = member.value.content else {
            reportType(of: member, expected: "an array", example: example)
            return nil
        }
        return elements.map { Table.Member(key: key, keyPlace: member.keyPlace, value: $0) }
    }

    /// In bytes; `Int.max` as the upper bound means none.
    func size(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard var member = member(key) else { return fallback }
        if case .integer(let bytes) = member.value.content {
            member.value.content = .text(Text(string: String(bytes), isVerbatim: false))
        }
        let example = "\"\(SizeText.write(fallback))\""
        guard let text = text(of: member, expected: "a size", example: example) else { return fallback }
        return quantity(text, of: member, in: range, parse: SizeText.parse, write: SizeText.write) ?? fallback
    }

    private func quantity<Value>(
        _ text: Text, of member: Table.Member, in range: ClosedRange<Value>,
        parse: (String) throws(ValueError) -> Value, write: (Value) -> String
    ) -> Value? {
        do throws(ValueError) {
            let value = try parse(text.string)
            if range.contains(value) { return value }
            let isOpen = range.upperBound as? Int == .max
            let lowest = "\"\(write(range.lowerBound))\""
            let bounds = isOpen ? "at least \(lowest)" : "\(lowest) to \"\(write(range.upperBound))\""
            throw ValueError("\(quoted(text.string)) is out of range: \(bounds)")
        } catch {
            report(error, in: text, of: member)
            return nil
        }
    }

    /// A table of texts under free keys, in the order of the file.
    func texts(_ key: String, example: String) -> [(key: String, keyPlace: Place, text: String)]? {
        guard let member = member(key) else { return nil }
        guard case .table(let table) = member.value.content else {
            reportType(of: member, expected: "a table", example: "{ \(example) }")
            return nil
        }
        if table.members.isEmpty { log.error("\(key): the table is empty", at: member.value.place) }
        return table.members.compactMap { entry in
            if case .table = entry.value.content {
                log.error("\(key): a key with a dot in it stands in quotes", at: entry.keyPlace)
                return nil
            }
            return parsed(entry, example: "text") { (text) throws(ValueError) in text }
                .map { (entry.key, entry.keyPlace, $0) }
        }
    }
}

/// What holds for every text of a configuration: an empty one is a slip (leaving the key out says "none"), and control
/// characters would reach terminals, topics and C strings.
enum TextRules {
    static func check(_ text: String) throws(ValueError) {
        if text.isEmpty { throw ValueError("the text is empty") }
        if let index = text.unicodeScalars.firstIndex(where: { $0.properties.generalCategory == .control }) {
            throw ValueError(
                "control characters are not allowed",
                offset: text.utf8.distance(from: text.startIndex, to: index))
        }
    }
}
