/// Finds the fields of a record of CSV as RFC 4180 has them; LF alone ends a record too.
struct CSVFields: Sendable {
    struct Field: Sendable {
        /// Without the quotes around it, but with those inside doubled.
        var range: Range<Int>
        var isQuoted: Bool
        /// Each pair of them stands for one.
        var hasDoubledQuotes: Bool
    }

    private enum State {
        case fieldStart, plain, quoted
        /// The quote ends the field, or is the first of two.
        case afterQuote
        /// After the end of a quoted field: only LF can follow.
        case afterCarriageReturn
    }

    private var fields: [Field] = []
    private var state = State.fieldStart
    private var position = 0
    private var fieldStart = 0
    private var hasDoubledQuotes = false
    private var lineEnds = 0
    private var isFirstRecord = true

    mutating func startRecord() {
        fields.removeAll(keepingCapacity: true)
        state = .fieldStart
        position = 0
        fieldStart = 0
        hasDoubledQuotes = false
        lineEnds = 0
        isFirstRecord = false
    }

    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd {
        guard skipByteOrderMark(bytes, isLast) else { return .notYet }
        while position < bytes.count {
            if let end = step(bytes) { return end }
        }
        return isLast ? endOfFile(bytes) : .notYet
    }

    /// False where it could still come.
    private mutating func skipByteOrderMark(_ bytes: Span<UInt8>, _ isLast: Bool) -> Bool {
        let mark: [3 of UInt8] = [0xEF, 0xBB, 0xBF]
        guard isFirstRecord, position == 0 else { return true }
        for index in mark.indices {
            guard index < bytes.count else { return isLast }
            guard bytes[index] == mark[index] else { return true }
        }
        position = mark.count
        fieldStart = position
        return true
    }

    /// Goes past at least one byte, unless the state changes; nil where the record goes on.
    private mutating func step(_ bytes: Span<UInt8>) -> RecordEnd? {
        switch state {
        case .fieldStart:
            guard bytes[position] == Byte.quote else {
                state = .plain
                return nil
            }
            position += 1
            fieldStart = position
            state = .quoted
        case .plain:
            passPlainBytes(bytes)
            guard position < bytes.count else { return nil }
            if bytes[position] == Byte.quote {
                return broken("has a quote although it does not begin with one", bytes)
            }
            return endField(at: endOfPlainField(bytes), bytes)
        case .quoted:
            passQuotedBytes(bytes)
        case .afterQuote:
            return stepAfterQuote(bytes)
        case .afterCarriageReturn:
            guard bytes[position] == Byte.newline else { return textAfterQuote(bytes) }
            return endField(at: position - 2, bytes)
        }
        return nil
    }

    private mutating func passPlainBytes(_ bytes: Span<UInt8>) {
        var next = position
        while next < bytes.count {
            let byte = bytes[next]
            if byte == Byte.comma || byte == Byte.newline || byte == Byte.quote { break }
            next += 1
        }
        position = next
    }

    private mutating func passQuotedBytes(_ bytes: Span<UInt8>) {
        var next = position
        while next < bytes.count, bytes[next] != Byte.quote {
            if bytes[next] == Byte.newline { lineEnds += 1 }
            next += 1
        }
        position = next
        guard position < bytes.count else { return }
        position += 1
        state = .afterQuote
    }

    private mutating func stepAfterQuote(_ bytes: Span<UInt8>) -> RecordEnd? {
        switch bytes[position] {
        case Byte.quote:
            hasDoubledQuotes = true
            state = .quoted
            position += 1
            return nil
        case Byte.carriageReturn:
            state = .afterCarriageReturn
            position += 1
            return nil
        case Byte.comma, Byte.newline: return endField(at: position - 1, bytes)
        default: return textAfterQuote(bytes)
        }
    }

    /// The carriage return of a line end is no part of the field.
    private func endOfPlainField(_ bytes: Span<UInt8>) -> Int {
        let isLineEnd = position == bytes.count || bytes[position] == Byte.newline
        return isLineEnd && position > fieldStart && bytes[position - 1] == Byte.carriageReturn
            ? position - 1 : position
    }

    /// At a comma or a line end, which are passed.
    private mutating func endField(at end: Int, _ bytes: Span<UInt8>) -> RecordEnd? {
        if let problem = appendField(upTo: end) { return problem }
        state = .fieldStart
        position += 1
        fieldStart = position
        guard bytes[position - 1] == Byte.newline else { return nil }
        lineEnds += 1
        return .found(end: position, lineEnds: lineEnds)
    }

    private mutating func endOfFile(_ bytes: Span<UInt8>) -> RecordEnd {
        let problem: RecordEnd? =
            switch state {
            case .fieldStart, .plain: appendField(upTo: endOfPlainField(bytes))
            case .quoted: broken("has no closing quote", bytes)
            case .afterQuote: appendField(upTo: position - 1)
            case .afterCarriageReturn: appendField(upTo: position - 2)
            }
        return problem ?? .found(end: position, lineEnds: lineEnds)
    }

    private mutating func appendField(upTo end: Int) -> RecordEnd? {
        guard fields.count < RecordLimits.mostParts else {
            return .broken("a record has \(RecordLimits.mostParts) fields at most")
        }
        let isQuoted = state == .afterQuote || state == .afterCarriageReturn
        fields.append(Field(range: fieldStart..<end, isQuoted: isQuoted, hasDoubledQuotes: hasDoubledQuotes))
        hasDoubledQuotes = false
        return nil
    }

    private func textAfterQuote(_ bytes: Span<UInt8>) -> RecordEnd {
        broken("goes on after its closing quote", bytes)
    }

    private func broken(_ reason: String, _ bytes: Span<UInt8>) -> RecordEnd {
        let start = state == .plain ? fieldStart : fieldStart - 1
        return .broken("\(quoted(bytes.extracting(start..<min(position + 1, bytes.count)))) \(reason)")
    }
}

// MARK: - What the fields hold

extension CSVFields {
    var count: Int { fields.count }

    subscript(index: Int) -> Field { fields[index] }

    /// The content of a field; nil where it is not UTF-8.
    func text(_ index: Int, in record: Span<UInt8>) -> String? {
        guard fields[index].hasDoubledQuotes else { return record.extracting(fields[index].range).text }
        return withoutDoubledQuotes(index, in: record).span.text
    }

    func withoutDoubledQuotes(_ index: Int, in record: Span<UInt8>) -> [UInt8] {
        var content: [UInt8] = []
        var position = fields[index].range.lowerBound
        while position < fields[index].range.upperBound {
            content.append(record[position])
            // Within a quoted field a quote is always the first of two.
            position += record[position] == Byte.quote ? 2 : 1
        }
        return content
    }
}
