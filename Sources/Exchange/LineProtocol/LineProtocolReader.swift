import Readings

/// Lines that are all there, such as those of a message. What it needs for a line it keeps for the next.
public struct LineProtocolReader: Sendable {
    /// What times are counted in, for messages.
    private let unit: String
    private var line = LineProtocolLine()

    public init(unit: String) { self.unit = unit }

    /// Calls back for each line with its bytes. One that is at fault is a problem, and the rest is read all the same.
    public mutating func read(
        _ bytes: Span<UInt8>, line take: (Span<UInt8>, LineProtocolLine) -> Void, problem: (LineProblem) -> Void
    ) {
        var start = 0
        var number = 1
        while start < bytes.count {
            let rest = bytes.extracting(droppingFirst: start)
            var scanner = LineProtocolScanner()
            switch scanner.findEnd(in: rest, isLast: true) {
            case .found(let end, let lineEnds):
                read(rest.extracting(first: end), scanner, take) { problem(LineProblem(line: number, message: $0)) }
                start += end
                number += lineEnds
            case .broken(let reason):
                problem(LineProblem(line: number, message: reason))
                start += rest.firstLine
                number += 1
            case .notYet: return  // never of the last bytes
            }
        }
    }

    private mutating func read(
        _ record: Span<UInt8>, _ scanner: LineProtocolScanner, _ take: (Span<UInt8>, LineProtocolLine) -> Void,
        problem: (String) -> Void
    ) {
        guard !scanner.isBlank else { return }
        let content = record.extracting(first: record.endOfContent)
        do {
            try line.read(content, head: try scanner.head(in: content), unit: unit)
            take(content, line)
        } catch {
            problem(error.message)
        }
    }
}

extension Span<UInt8> {
    /// Past its line end.
    fileprivate var firstLine: Int {
        for index in indices where self[index] == Byte.newline { return index + 1 }
        return count
    }
}

/// The series of a field: as `outpost import` names it.
public struct LineProtocolSeries: Sendable {
    public let name: String
    public let tags: [String: String]
    public let quality: Quality

    /// Takes the head of a line and the key of a field as they stand in it.
    public init(head bytes: Span<UInt8>, key: Span<UInt8>) throws(RecordProblem) {
        let head = try LineProtocolHead(bytes)
        guard let name = head.path(ofField: key).span.text else {
            throw RecordProblem("series: \(quoted(bytes)) is not UTF-8")
        }
        self.name = name
        tags = Dictionary(head.tags.map { ($0.key.span.text ?? "", $0.value.span.text ?? "") }) { first, _ in first }
        quality = head.quality
    }
}
