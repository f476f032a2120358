import Readings

/// InfluxDB's line protocol, whoever wrote it. The series of a field is named by the measurement, the values of the
/// tags in the order of their keys, and the key of the field unless that is `value` or `text`:
/// `weather,site=a temp=21.5` is a reading of `weather/a/temp`. Times are rounded down to microseconds.
struct LineProtocolRecords: RecordFormat {
    private var scanner = LineProtocolScanner()
    private var head: LineProtocolHead?
    /// Made of `head` and the keys of the last lines, by their places in the line.
    private var names: [MadeName] = []
    /// Of the fields of this line, until its time is known.
    private var values: [Value] = []

    mutating func startRecord() { scanner = LineProtocolScanner() }

    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd {
        scanner.findEnd(in: bytes, isLast: isLast)
    }

    mutating func read(_ record: Span<UInt8>, reading: (NamedReading) -> Void, problem: (String) -> Void) {
        guard !scanner.isBlank else { return }
        do {
            try read(record.extracting(first: Self.endOfContent(record)), reading: reading)
        } catch {
            problem(error.message)
        }
    }

    private static func endOfContent(_ record: Span<UInt8>) -> Int {
        var end = record.count
        if end > 0, record[end - 1] == Byte.newline { end -= 1 }
        if end > 0, record[end - 1] == Byte.carriageReturn { end -= 1 }
        return end
    }

    private mutating func read(_ line: Span<UInt8>, reading: (NamedReading) -> Void) throws(RecordProblem) {
        guard var position = scanner.headEnd else {
            throw RecordProblem("field: none stands after \(quoted(line.extracting(droppingFirst: scanner.headStart)))")
        }
        let head = try self.head(line.extracting(scanner.headStart..<position))
        line.skipSpaces(&position)
        try readFields(line, &position, head)
        let time = try Self.time(line, &position)
        for (index, value) in values.enumerated() {
            reading(NamedReading(name: names[index].name, time: time, value: value, quality: head.quality))
        }
    }

    private mutating func head(_ bytes: Span<UInt8>) throws(RecordProblem) -> LineProtocolHead {
        if let head, bytes.equals(head.source) { return head }
        let head = try LineProtocolHead(bytes)
        self.head = head
        names.removeAll(keepingCapacity: true)
        return head
    }

    private mutating func readFields(
        _ line: Span<UInt8>, _ position: inout Int, _ head: LineProtocolHead
    ) throws(RecordProblem) {
        values.removeAll(keepingCapacity: true)
        var namesSeries = false
        repeat {
            guard values.count < RecordLimits.mostParts else {
                throw RecordProblem("field: a line has \(RecordLimits.mostParts) of them at most")
            }
            let key = line.extracting(try Self.key(line, &position))
            if Self.namesSeries(key) {
                guard !namesSeries else {
                    throw RecordProblem("field \(quoted(key)): another one is the value of the same series")
                }
                namesSeries = true
            }
            try makeName(values.count, key, head)
            values.append(try Self.value(line, &position, key))
        } while line.take(Byte.comma, &position)
    }

    /// Whether a field is the series itself, and no level below it.
    private static func namesSeries(_ key: Span<UInt8>) -> Bool { key.equals("value") || key.equals("text") }

    /// Up to the equals sign, which is passed.
    private static func key(_ line: Span<UInt8>, _ position: inout Int) throws(RecordProblem) -> Range<Int> {
        let start = position
        let key = line.name(.part, at: &position)
        guard !key.isEmpty, line.take(Byte.equals, &position) else {
            throw RecordProblem("field: \(quoted(line.extracting(droppingFirst: start))) is not like key=value")
        }
        return key
    }

    private mutating func makeName(
        _ index: Int, _ key: Span<UInt8>, _ head: LineProtocolHead
    ) throws(RecordProblem) {
        if index < names.count, key.equals(names[index].source) { return }
        var path = head.path
        if !Self.namesSeries(key) {
            path.append(Byte.slash)
            path.append(unescaping: key, .part)
        }
        let name = try MadeName(path.span, from: key)
        if index < names.count { names[index] = name } else { names.append(name) }
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

    /// Nanoseconds up to the end of the line, or nothing.
    private static func time(_ line: Span<UInt8>, _ position: inout Int) throws(RecordProblem) -> Timestamp? {
        line.skipSpaces(&position)
        guard position < line.count else { return nil }
        let bytes = line.extracting(line.word(&position))
        guard let nanoseconds = NumberText.wholeNumber(bytes, as: Int64.self) else {
            throw RecordProblem("time: \(quoted(bytes)) is not a whole number of nanoseconds since 1970")
        }
        line.skipSpaces(&position)
        guard position == line.count else {
            throw RecordProblem("time: \(quoted(line.extracting(droppingFirst: position))) stands after it")
        }
        let (microseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return Timestamp(microseconds: rest < 0 ? microseconds - 1 : microseconds)
    }
}

extension Span<UInt8> {
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
