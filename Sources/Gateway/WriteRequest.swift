import ModbusInput
import Platform
import Readings

/// "Write this" on the control socket, and what became of it: words with tabs between them.
public struct WriteRequest: Sendable, Hashable {
    private static let verb = "modbus write"
    /// Longer than the line lets a write wait, and shorter than the one who asks waits for an answer.
    static let patience: Duration = .seconds(8)

    public var series: SeriesName
    public var value: String
    /// Empty: nobody but the user who asks.
    public var by: String

    /// Nil where a text holds what would end it.
    public init?(series: SeriesName, value: String, by: String) {
        let isPlain = [value, by].allSatisfy { !$0.utf8.contains { $0 < 0x20 } }
        guard isPlain else { return nil }
        self.series = series
        self.value = value
        self.by = by
    }

    public var text: String { [Self.verb, series.description, value, by].joined(separator: "\t") }

    init?(text: String) {
        let words = text.split(separator: "\t", omittingEmptySubsequences: false)
        guard words.count == 4, words[0] == Self.verb, let series = SeriesName(words[1]) else { return nil }
        self.init(series: series, value: String(words[2]), by: String(words[3]))
    }

    /// Who is named in the audit: a name that anyone can give does not stand alone.
    public static func author(_ by: String, user: String) -> String {
        by.isEmpty || by == user ? user : "\(by) (\(user))"
    }
}

extension WriteOutcome {
    var answer: [UInt8] { Array("\(kind.rawValue)\t\(detail)".utf8) }

    /// What a gateway has answered; nil where it is one that knows nothing of writing.
    public init?(answer: [UInt8]) {
        let words = String(decoding: answer, as: UTF8.self).split(
            separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let kind = Kind(rawValue: String(words[0])) else { return nil }
        self.init(kind, String(words[1]))
    }
}
