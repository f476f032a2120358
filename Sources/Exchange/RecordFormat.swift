import Readings

/// One of the formats, to a `RecordReader`, which owns the bytes and counts the lines.
protocol RecordFormat: Sendable {
    init()

    /// Looks for the end of the record that begins at the first byte, on from where the last call stopped; more
    /// bytes may have come meanwhile.
    mutating func findEnd(in bytes: Span<UInt8>, isLast: Bool) -> RecordEnd

    /// Reads the record whose end was found last, its line end included.
    mutating func read(_ record: Span<UInt8>, reading: (NamedReading) -> Void, problem: (String) -> Void)

    /// The next call of `findEnd` begins with a record.
    mutating func startRecord()
}

enum RecordEnd {
    case notYet
    /// `end` lies past the record's line end, `lineEnds` are those inside of it and its own.
    case found(end: Int, lineEnds: Int)
    /// Where the record ends is uncertain, for the reason given.
    case broken(String)
}

/// Why a record gave no readings.
public struct RecordProblem: Error {
    public let message: String

    init(_ message: String) { self.message = message }
}

extension Value {
    /// A text that is short enough for a state.
    init(text: String, of field: String) throws(RecordProblem) {
        guard text.utf8.count <= Self.longestText else {
            throw RecordProblem("\(field): a text of \(text.utf8.count) bytes, where \(Self.longestText) are the most")
        }
        self = .text(text)
    }
}

/// A name and the bytes it was made of: a name is costly, and the next record mostly has the same one.
struct MadeName: Sendable {
    let source: [UInt8]
    let name: SeriesName

    init(_ path: Span<UInt8>, from source: Span<UInt8>) throws(RecordProblem) {
        guard let text = path.text else { throw RecordProblem("series: \(quoted(path)) is not UTF-8") }
        guard let name = SeriesName(text) else {
            throw RecordProblem(
                "series: \(quoted(path)) is not a name of 1 to \(SeriesName.longest) bytes without control characters")
        }
        self.source = Array(source)
        self.name = name
    }
}
