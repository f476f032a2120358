import Readings

/// `[[retention]]`: how long the readings of some series are kept, and their rollups. Of the rules for a series the
/// first one counts.
public struct RetentionSettings: Sendable, Hashable {
    public var series: SeriesGlob
    /// Nil: forever.
    public var raw: Duration?
    /// In the order of `StoreSettings.rollups`; nil: forever.
    public var rollups: [Duration?]
}

extension RetentionSettings {
    private static let shortest = Duration.seconds(3600)
    private static let longest = Duration.seconds(100 * 365 * 86_400)

    private enum Kept: Equatable {
        case forever
        case atMost(Duration)

        var duration: Duration? {
            if case .atMost(let duration) = self { duration } else { nil }
        }

        func isShorter(than other: Kept) -> Bool {
            switch (self, other) {
            case (.atMost(let duration), .atMost(let longer)): duration < longer
            case (.atMost, .forever): true
            case (.forever, _): false
            }
        }
    }

    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, widths: [Duration]) {
        let series = table.parsed("series", example: "plant/**", isRequired: true) { (text) throws(ValueError) in
            SeriesGlob(text)
        }
        let raw = Self.kept(table.member("raw"), until: widths.first, table)
        let members = Self.members(of: widths, table)
        let rollups = members.indices.map { index in
            Self.kept(members[index], until: widths[min(index + 1, widths.count - 1)], table)
        }
        Self.checkOrder(members, rollups, widths, table)
        guard let series, let raw else { return nil }
        self.series = series
        self.raw = raw.duration
        self.rollups = rollups.map { $0?.duration }
    }

    /// For each width what the file says about it, which may call it another name, as "7d" for "1w".
    private static func members(of widths: [Duration], _ table: TableReader) -> [Table.Member?] {
        for width in widths { _ = table.member(DurationText.write(width)) }
        var found: [Duration: Table.Member] = [:]
        for member in table.members {
            guard let width = try? DurationText.parse(member.key) else { continue }
            _ = table.member(member.key)
            if !widths.contains(width) {
                table.log.error(unknown(member.key, widths), at: member.keyPlace)
            } else if let other = found.updateValue(member, forKey: width) {
                let message = "\(quoted(member.key)) and \(quoted(other.key)) are the same"
                table.log.error(message, at: member.keyPlace)
            }
        }
        return widths.map { found[$0] }
    }

    private static func unknown(_ key: String, _ widths: [Duration]) -> String {
        let names = widths.map(DurationText.write)
        let known = names.isEmpty ? "no rollups" : "rollups of " + names.joinedAsWords
        return "unknown key \(quoted(key)) in [[retention]]: there are \(known)"
    }

    /// Nil where it is wrong. What the next width is made of has to stay until then.
    private static func kept(_ member: Table.Member?, until width: Duration?, _ table: TableReader) -> Kept? {
        guard let member else { return .forever }
        if case .text(let text) = member.value.content, text.string == "forever" { return .forever }
        let shortest = max(shortest, width ?? shortest)
        return table.duration(of: member, example: .seconds(7 * 86_400), in: shortest...longest).map { .atMost($0) }
    }

    /// Nobody wants the details for longer than the outline.
    private static func checkOrder(
        _ members: [Table.Member?], _ rollups: [Kept?], _ widths: [Duration], _ table: TableReader
    ) {
        for (index, coarser) in members.enumerated().dropFirst() {
            guard let coarser, let kept = rollups[index], let finer = rollups[index - 1], kept.isShorter(than: finer)
            else { continue }
            let name = quoted(members[index - 1]?.key ?? DurationText.write(widths[index - 1]))
            let hint = finer == .forever ? ", which is kept forever" : ""
            table.log.error(
                "\(quoted(coarser.key)) is kept for less time than \(name)\(hint)", at: coarser.value.place)
        }
    }
}

/// Finds the rules that never come into use.
struct RetentionRules {
    private static let everything = SeriesGlob("**")

    private var last: Place?

    mutating func check(_ rule: RetentionSettings, _ table: TableReader) {
        if let last {
            table.log.warning("this rule is for no series: the one at \(last) is for all of them", at: table.place)
        } else if rule.series == Self.everything {
            last = table.place
        }
    }
}
