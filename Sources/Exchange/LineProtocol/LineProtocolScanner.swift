/// Finds the end of a line of line protocol: a line break within a quoted text is none.
struct LineProtocolScanner: Sendable {
    private enum State {
        case start, comment, head, fields
        case string
        /// After a backslash in a string.
        case escaped
        case afterString
    }

    /// The measurement and its tags; `headEnd` is nil where nothing follows them.
    private(set) var headStart = 0
    private(set) var headEnd: Int?
    private var state = State.start
    private var position = 0
    private var fieldStart = 0
    private var lineEnds = 0

    /// Whether nothing stands in the line, or a comment.
    var isBlank: Bool { state == .start || state == .comment }

    func head(in line: Span<UInt8>) throws(RecordProblem) -> Range<Int> {
        guard let headEnd else {
            throw RecordProblem("field: none stands after \(quoted(line.extracting(droppingFirst: headStart)))")
        }
        return headStart..<headEnd
    }

    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == Byte.newline {
                lineEnds += 1
                if state != .string, state != .escaped { return .found(end: position + 1, lineEnds: lineEnds) }
            }
            guard step(byte, bytes) else {
                return broken("goes on after its closing quote", bytes.extracting(first: position + 1))
            }
            position += 1
        }
        guard isLast else { return .notYet }
        if state == .string || state == .escaped { return broken("has no closing quote", bytes) }
        return .found(end: position, lineEnds: lineEnds)
    }

    /// False where the byte cannot stand there.
    @inline(__always)
    private mutating func step(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        switch state {
        case .start: startLine(byte)
        case .comment: break
        case .head:
            if byte == Byte.space, bytes[position - 1] != Byte.backslash {
                headEnd = position
                endPart()
            }
        case .fields:
            if byte == Byte.comma || byte == Byte.space {
                endPart()
            } else if byte == Byte.quote, isValueStart(bytes) {
                state = .string
            }
        case .string:
            if byte == Byte.quote { state = .afterString } else if byte == Byte.backslash { state = .escaped }
        case .escaped: state = .string
        case .afterString:
            guard byte == Byte.comma || byte == Byte.space || byte == Byte.carriageReturn else { return false }
            endPart()
        }
        return true
    }

    private mutating func startLine(_ byte: UInt8) {
        switch byte {
        case Byte.space, Byte.carriageReturn: break
        case Byte.hash: state = .comment
        default:
            headStart = position
            state = .head
        }
    }

    private mutating func endPart() {
        state = .fields
        fieldStart = position + 1
    }

    /// After an equals sign that is no part of a key.
    private func isValueStart(_ bytes: Span<UInt8>) -> Bool {
        bytes[position - 1] == Byte.equals && bytes[position - 2] != Byte.backslash
    }

    private func broken(_ reason: String, _ bytes: Span<UInt8>) -> RecordEnd {
        .broken("field: \(quoted(bytes.extracting(droppingFirst: fieldStart))) \(reason)")
    }
}

extension Span<UInt8> {
    /// Of a record: where its line end begins.
    var endOfContent: Int {
        var end = count
        if end > 0, self[end - 1] == Byte.newline { end -= 1 }
        if end > 0, self[end - 1] == Byte.carriageReturn { end -= 1 }
        return end
    }
}
