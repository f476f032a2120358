import Readings

/// The fields and the time of a line, of which the measurement and the tags are `head`.
public struct LineProtocolLine: Sendable {
    /// A key as it stands in the line, and its value.
    public struct Field: Sendable {
        public var key: Range<Int>
        public var value: Value
    }

    public private(set) var head = 0..<0
    public private(set) var fields: [Field] = []
    /// Since 1970; nil where the line has none.
    public private(set) var time: Int64?

    /// Nothing stands behind the line; its end is no part of it.
    mutating func read(_ line: Span<UInt8>, head: Range<Int>, unit: String) throws(RecordProblem) {
        self.head = head
        var position = head.upperBound
        line.skipSpaces(&position)
        try readFields(line, &position)
        time = try Self.time(line, &position, unit)
    }

    private mutating func readFields(_ line: Span<UInt8>, _ position: inout Int) throws(RecordProblem) {
        fields.removeAll(keepingCapacity: true)
        var namesSeries = false
        repeat {
            guard fields.count < RecordLimits.mostParts else {
                throw RecordProblem("field: a line has \(RecordLimits.mostParts) of them at most")
            }
            let range = try Self.key(line, &position)
            let key = line.extracting(range)
            if key.namesSeries {
                guard !namesSeries else {
                    throw RecordProblem("field \(quoted(key)): another one is the value of the same series")
                }
                namesSeries = true
            }
            fields.append(Field(key: range, value: try Self.value(line, &position, key)))
        } while line.take(Byte.comma, &position)
    }

    /// Up to the equals sign, which is passed.
    private static func key(_ line: Span<UInt8>, _ position: inout Int) throws(RecordProblem) -> Range<Int> {
        let start = position
        let key = line.name(.part, at: &position)
        guard !key.isEmpty, line.take(Byte.equals, &position) else {
            throw RecordProblem("field: \(quoted(line.extracting(droppingFirst: start))) is not like key=value")
        }
        return key
    }

    private static func value(
        _ line: Span<UInt8>, _ position: inout Int, _ key: Span<UInt8>
    ) throws(RecordProblem) -> Value {
        if line.take(Byte.quote, &position) {
            return try Value(text: text(line, &position, key), of: "field \(quoted(key))")
        }
        let bytes = line.extracting(line.word(&position))
        guard let number = Double(lineProtocol: bytes) else {
            throw RecordProblem(
                "field \(quoted(key)): \(quoted(bytes)) is neither a number, a truth value nor a text in quotes")
        }
        return .number(number)
    }

    /// Up to the closing quote, which is passed.
    private static func text(
        _ line: Span<UInt8>, _ position: inout Int, _ key: Span<UInt8>
    ) throws(RecordProblem) -> String {
        let start = position
        var hasEscapes = false
        while position < line.count, line[position] != Byte.quote {
            let isEscape = line[position] == Byte.backslash
            hasEscapes = hasEscapes || isEscape
            position += isEscape ? 2 : 1
        }
        let bytes = line.extracting(start..<min(position, line.count))
        guard line.take(Byte.quote, &position) else {
            throw RecordProblem("field \(quoted(key)): \(quoted(bytes)) has no closing quote")
        }
        guard let text = hasEscapes ? unescaped(bytes).span.text : bytes.text else {
            throw RecordProblem("field \(quoted(key)): \(quoted(bytes)) is not UTF-8")
        }
        return text
    }

    /// A backslash takes the meaning from a quote and from a backslash, and else stands for itself.
    private static func unescaped(_ text: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < text.count {
            let isEscape =
                text[position] == Byte.backslash && position + 1 < text.count
                && (text[position + 1] == Byte.quote || text[position + 1] == Byte.backslash)
            if isEscape { position += 1 }
            result.append(text[position])
            position += 1
        }
        return result
    }

    /// A whole number up to the end of the line, or nothing.
    private static func time(
        _ line: Span<UInt8>, _ position: inout Int, _ unit: String
    ) throws(RecordProblem) -> Int64? {
        line.skipSpaces(&position)
        guard position < line.count else { return nil }
        let bytes = line.extracting(line.word(&position))
        guard let count = NumberText.wholeNumber(bytes, as: Int64.self) else {
            throw RecordProblem("time: \(quoted(bytes)) is not a whole number of \(unit) since 1970")
        }
        line.skipSpaces(&position)
        guard position == line.count else {
            throw RecordProblem("time: \(quoted(line.extracting(droppingFirst: position))) stands after it")
        }
        return count
    }
}

extension Span<UInt8> {
    /// Whether a field of this key is the series itself, and no level below it.
    var namesSeries: Bool { equals("value") || equals("text") }

    fileprivate func take(_ byte: UInt8, _ position: inout Int) -> Bool {
        guard position < count, self[position] == byte else { return false }
        position += 1
        return true
    }

    fileprivate func skipSpaces(_ position: inout Int) {
        while position < count, self[position] == Byte.space { position += 1 }
    }

    /// Up to a comma or a space.
    fileprivate func word(_ position: inout Int) -> Range<Int> {
        let start = position
        while position < count, self[position] != Byte.comma, self[position] != Byte.space { position += 1 }
        return start..<position
    }
}

extension Double {
    /// A float, an integer with an `i` or a `u`, or a truth value, which is 1 or 0. Integers past 2^53 are rounded.
    fileprivate init?(lineProtocol bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return nil }
        let digits = bytes.extracting(droppingLast: 1)
        let number: Double? =
            switch bytes[bytes.count - 1] {
            case UInt8(ascii: "i"): NumberText.wholeNumber(digits, as: Int64.self).map { Double($0) }
            case UInt8(ascii: "u"): NumberText.wholeNumber(digits, as: UInt64.self).map { Double($0) }
            default: NumberText.number(bytes) ?? Self.truth(bytes)
            }
        guard let number else { return nil }
        self = number
    }

    private static func truth(_ bytes: Span<UInt8>) -> Double? {
        switch bytes.text {
        case "t", "T", "true", "True", "TRUE": 1
        case "f", "F", "false", "False", "FALSE": 0
        default: nil
        }
    }
}
