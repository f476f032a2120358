import Readings

/// Passes lines of `timestamp,value` through and puts something behind each: a row of five columns for every line but the
/// header and empty ones, in their order. Lines come in chunks, which may end anywhere; what is kept is the line that has
/// not ended. A record is one line: neither field has reason to hold a line end, and a quote too many costs no other line.
public struct ScoredLines: Sendable {
    /// A longer line is none.
    public static let longest = 1 << 16

    private var waiting: [UInt8] = []
    private var isSkippingLine = false
    private var line = 0
    private var fields = CSVFields()
    private var columns: TimedValueColumns?

    public init() {}

    /// `score` appends the three last columns of a row. The last chunk may be empty; no problem ends anything.
    public mutating func feed(
        _ bytes: Span<UInt8>, isLast: Bool, into output: inout [UInt8],
        score: (Timestamp, Double, inout [UInt8]) -> Void, problem: (LineProblem) -> Void
    ) {
        var start = 0
        while let end = bytes.firstNewline(from: start) {
            finish(bytes.extracting(start..<end + 1), into: &output, score: score, problem: problem)
            start = end + 1
        }
        keep(bytes.extracting(start...), into: &output, problem: problem)
        if isLast { finish(bytes.extracting(..<0), into: &output, score: score, problem: problem) }
    }

    /// The beginning of a line whose end has not come.
    private mutating func keep(_ bytes: Span<UInt8>, into output: inout [UInt8], problem: (LineProblem) -> Void) {
        guard !isSkippingLine else { return }
        if waiting.count + bytes.count <= Self.longest {
            waiting.append(contentsOf: bytes)
        } else {
            isSkippingLine = true
            waiting = []
            tellTooLong(&output, problem)
        }
    }

    private func tellTooLong(_ output: inout [UInt8], _ problem: (LineProblem) -> Void) {
        problem(LineProblem(line: line + 1, message: "a line of more than \(Self.longest) bytes"))
        output.append(contentsOf: ",,,,\n".utf8)
    }

    /// The rest of a line.
    private mutating func finish(
        _ bytes: Span<UInt8>, into output: inout [UInt8], score: (Timestamp, Double, inout [UInt8]) -> Void,
        problem: (LineProblem) -> Void
    ) {
        defer {
            line += 1
            isSkippingLine = false
            waiting.removeAll(keepingCapacity: true)
        }
        if isSkippingLine { return }
        guard waiting.count + bytes.count <= Self.longest else { return tellTooLong(&output, problem) }
        if waiting.isEmpty { return read(bytes, into: &output, score: score, problem: problem) }
        waiting.append(contentsOf: bytes)
        // A span of `self.waiting` would bar every change of `self`.
        var whole: [UInt8] = []
        swap(&whole, &waiting)
        read(whole.span, into: &output, score: score, problem: problem)
        swap(&whole, &waiting)
    }

    private mutating func read(
        _ bytes: Span<UInt8>, into output: inout [UInt8], score: (Timestamp, Double, inout [UInt8]) -> Void,
        problem: (LineProblem) -> Void
    ) {
        if line > 0 { fields.startRecord() }
        do throws(RecordProblem) {
            if case .broken(let reason) = fields.findEnd(in: bytes, isLast: true) { throw RecordProblem(reason) }
            guard !fields.isBlank, let columns = try rowColumns(bytes) else { return }
            try append(columns, bytes, into: &output, score: score, problem: problem)
        } catch {
            problem(LineProblem(line: line + 1, message: error.message))
            output.append(quotedLine: bytes)
            output.append(contentsOf: ",,,,\n".utf8)
        }
    }

    /// Nil for a header, which the first line that is not empty may be.
    private mutating func rowColumns(_ bytes: Span<UInt8>) throws(RecordProblem) -> TimedValueColumns? {
        if let columns { return columns }
        columns = TimedValueColumns()
        guard let header = try TimedValueColumns(header: fields, in: bytes) else { return columns }
        columns = header
        return nil
    }

    private func append(
        _ columns: TimedValueColumns, _ bytes: Span<UInt8>, into output: inout [UInt8],
        score: (Timestamp, Double, inout [UInt8]) -> Void, problem: (LineProblem) -> Void
    ) throws(RecordProblem) {
        guard fields.count == columns.count else {
            throw RecordProblem("fields: \(fields.count) where there are \(columns.count) columns")
        }
        output.append(contentsOf: bytes.extracting(fields.wholeRange(columns.time)))
        output.append(Byte.comma)
        output.append(contentsOf: bytes.extracting(fields.wholeRange(columns.value)))
        output.append(Byte.comma)
        do throws(RecordProblem) {
            let (time, value) = try fields.reading(columns, in: bytes)
            score(time, value, &output)
        } catch {
            problem(LineProblem(line: line + 1, message: error.message))
            output.append(contentsOf: ",,".utf8)
        }
        output.append(Byte.newline)
    }
}

extension Span<UInt8> {
    fileprivate func firstNewline(from start: Int) -> Int? {
        var index = start
        while index < count {
            if self[index] == Byte.newline { return index }
            index += 1
        }
        return nil
    }
}

extension [UInt8] {
    /// All of a line as one field.
    fileprivate mutating func append(quotedLine line: Span<UInt8>) {
        append(Byte.quote)
        for index in line.indices where line[index] != Byte.newline && line[index] != Byte.carriageReturn {
            if line[index] == Byte.quote { append(Byte.quote) }
            append(line[index])
        }
        append(Byte.quote)
    }
}
