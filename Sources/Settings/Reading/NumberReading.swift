extension TableReader {
    /// Any number but NaN and the infinite ones.
    func number(_ key: String, example: String) -> Double? {
        guard let member = member(key), let number = number(of: member, example: example) else { return nil }
        if number.isFinite { return number }
        log.error("\(key): a finite number is expected", at: member.value.place)
        return nil
    }

    /// `[least, most]`, each of which may be infinite.
    func numberRange(_ key: String, example: String) -> ClosedRange<Double>? {
        guard let member = member(key), let elements = elements(key, example: example) else { return nil }
        let bounds = elements.compactMap { number(of: $0, example: "0.5") }
        guard bounds.count == elements.count else { return nil }
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            log.error("\(key): two numbers are expected, the smaller first, such as \(example)", at: member.value.place)
            return nil
        }
        return bounds[0]...bounds[1]
    }

    private func number(of member: Table.Member, example: String) -> Double? {
        switch member.value.content {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        default:
            reportType(of: member, expected: "a number", example: example)
            return nil
        }
    }

    /// An array of texts, each of which `parse` makes something of; an empty text only where it is allowed.
    func list<Value>(
        _ key: String, example: String, allowsEmpty: Bool = false, _ parse: (String) throws(ValueError) -> Value
    ) -> [Value]? {
        guard let elements = elements(key, example: example) else { return nil }
        if elements.isEmpty { log.error("\(key): the array is empty", at: place(of: key)) }
        var values: [Value] = []
        for element in elements {
            guard let text = text(of: element, expected: "a string", example: "\"text\"") else { continue }
            do {
                if !(allowsEmpty && text.string.isEmpty) { try TextRules.check(text.string) }
                values.append(try parse(text.string))
            } catch {
                report(error, in: text, of: element)
            }
        }
        return values
    }
}
