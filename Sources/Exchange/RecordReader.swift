/// What all formats have in common: bytes that wait for the rest of their record, line numbers, and finding the way
/// back after a record that is broken.
struct RecordReader<Format: RecordFormat>: Sendable {
    private var format = Format()
    /// Begins with a record, or within a line that is skipped.
    private(set) var buffer: [UInt8] = []
    private var line = 1
    private var isSkippingLine = false

    mutating func feed(
        _ bytes: Span<UInt8>, isLast: Bool, reading: (NamedReading) -> Void, problem: (LineProblem) -> Void
    ) {
        // A span of `self.buffer` would bar every change of `self`.
        var waiting: [UInt8] = []
        swap(&waiting, &buffer)
        var start = 0
        repeat {
            let piece = bytes.extracting(droppingFirst: start).extracting(first: RecordLimits.piece)
            start += piece.count
            waiting.append(contentsOf: piece)
            let isLastPiece = isLast && start == bytes.count
            waiting.removeFirst(take(waiting.span, isLast: isLastPiece, reading: reading, problem: problem))
        } while start < bytes.count
        swap(&waiting, &buffer)
    }

    /// How many bytes are done with.
    private mutating func take(
        _ bytes: Span<UInt8>, isLast: Bool, reading: (NamedReading) -> Void, problem: (LineProblem) -> Void
    ) -> Int {
        var start = isSkippingLine ? skipLine(bytes, from: 0) : 0
        while start < bytes.count {
            let rest = bytes.extracting(droppingFirst: start)
            // Never more than a record may have, so that what is too long does not depend on the chunks.
            let record = rest.extracting(first: RecordLimits.longest)
            switch format.findEnd(in: record, isLast: isLast && record.count == rest.count) {
            case .found(let end, let lineEnds):
                read(record.extracting(first: end), reading: reading, problem: problem)
                line += lineEnds
                start += end
            case .notYet where rest.count <= RecordLimits.longest:
                return start
            case .notYet:
                problem(LineProblem(line: line, message: "a record of more than \(RecordLimits.longest) bytes"))
                start = skipLine(bytes, from: start)
            case .broken(let reason):
                problem(LineProblem(line: line, message: reason))
                start = skipLine(bytes, from: start)
            }
        }
        return start
    }

    private mutating func read(
        _ record: Span<UInt8>, reading: (NamedReading) -> Void, problem: (LineProblem) -> Void
    ) {
        let line = line
        format.read(record, reading: reading) { problem(LineProblem(line: line, message: $0)) }
        format.startRecord()
    }

    /// Past the end of the line at `start`, where the next record is taken to begin. Of a record that was thought to
    /// go on for many lines, only the first one is lost: a quote too many does not swallow the rest of a file.
    private mutating func skipLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
        format.startRecord()
        isSkippingLine = true
        for index in start..<bytes.count where bytes[index] == Byte.newline {
            isSkippingLine = false
            line += 1
            return index + 1
        }
        return bytes.count
    }
}

enum RecordLimits {
    /// Of a record, in bytes. Together with one piece it bounds the buffer.
    static let longest = 1 << 20
    /// Of what is taken from a chunk at a time, in bytes.
    static let piece = 1 << 16
    /// The fields of a record, and the tags of one: each takes many times its bytes while it is read.
    static let mostParts = 4096
}
