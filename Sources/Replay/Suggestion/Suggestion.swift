import Alarms
import Readings

/// Rules for a series that its past speaks for, with the reasons.
public struct Suggestion: Sendable {
    public enum Setting: Sendable {
        case level(AlarmLevel, above: Double?, below: Double?)
        case deadband(Double)
        case equals([Value])
        /// Nanoseconds, as are the next ones.
        case staleAfter(Int64)
        case unchangedFor(Int64)
        case onDelay(Int64)
    }

    /// An `[[alarm]]`.
    public struct Section: Sendable {
        /// What it looks for: the end of its name.
        public var word: String
        public var settings: [(setting: Setting, reason: String)]
    }

    /// Fewer readings say nothing of what is usual.
    public static let fewest = 50
    static let longestWait: Int64 = 366 * 86_400 * 1_000_000_000

    public private(set) var sections: [Section] = []
    /// Why something is not among the sections.
    public private(set) var remarks: [String] = []

    public init(_ profile: SeriesProfile) {
        guard profile.readings >= Self.fewest else {
            remarks.append(
                "\(profile.readings) readings are too few to say what is usual: \(Self.fewest) are needed at least")
            return
        }
        if profile.bad > 0 { remarks.append("\(profile.bad) of \(profile.readings) readings have no good value") }
        if profile.infinite > 0 { remarks.append("\(profile.infinite) readings are infinite, and left out") }
        suggestValues(profile)
        suggestStaleness(profile)
        suggestUnchanged(profile)
    }

    /// Rules that may be raised for readings that stand alone wait for a few more.
    public mutating func addDelay(_ nanoseconds: Int64, to word: String, because reason: String) {
        for index in sections.indices where sections[index].word == word {
            sections[index].settings.append((.onDelay(nanoseconds), reason))
        }
    }

    // MARK: - Values

    private mutating func suggestValues(_ profile: SeriesProfile) {
        if profile.numbers + profile.texts == 0 {
            remarks.append("there is no good value to make limits of")
        } else if let states = profile.states, states.count <= Self.mostOfSwitch || profile.texts > profile.numbers {
            suggestStates(states, profile)
        } else if profile.texts > profile.numbers {
            remarks.append("its values are texts, more than \(SeriesProfile.mostStates) different ones: no limits")
        } else if profile.numbers < Self.fewest {
            remarks.append("\(profile.numbers) numbers are too few to make limits of")
        } else if Self.isCounter(profile) {
            remarks.append(
                "it only rises (\(profile.rises) times, and falls \(profile.falls) times): a counter has no limits, its rate may"
            )
        } else if let section = LimitSuggestion(profile).section {
            sections.append(section)
        } else {
            remarks.append("its values lie too far apart, or too near, to make limits of")
        }
    }

    /// A switch, or a state, has no more different values.
    private static let mostOfSwitch = 8

    private mutating func suggestStates(_ states: [SeriesProfile.State], _ profile: SeriesProfile) {
        guard states.count > 1 else {
            remarks.append("it has always been \(states.first.map { Self.text($0.value) } ?? ""): limits need a spread")
            return
        }
        let all = states.reduce(0) { $0 + $1.count }
        let shares = states.sorted { $0.count > $1.count }.map { state in
            "\(Self.text(state.value)) \(Self.percent(state.count, of: all))"
        }
        remarks.append("it has \(states.count) different values, no limits: \(shares.joined(separator: ", "))")
        let rare = states.filter { $0.count * 100 < all }
        guard !rare.isEmpty else { return }
        sections.append(
            Section(
                word: "state",
                settings: [(.equals(rare.map(\.value)), "Less than 1 % of the readings: is it a fault?")]))
    }

    private static func text(_ value: Value) -> String {
        if case .text(let text) = value { "\"\(text.unicodeScalars.prefix(40))\"" } else { MessageTemplate.text(value) }
    }

    private static func percent(_ count: Int, of all: Int) -> String {
        "\(MessageTemplate.text((Double(count) * 1000 / Double(all)).rounded() / 10)) %"
    }

    private static func isCounter(_ profile: SeriesProfile) -> Bool {
        profile.rises >= 20 && profile.falls * 100 <= profile.rises
    }

    // MARK: - Times

    private mutating func suggestStaleness(_ profile: SeriesProfile) {
        guard let usual = profile.intervals.quantile(0.5), let rare = profile.intervals.quantile(0.999) else { return }
        let wait = max(100_000_000, RoundNumber.up(max(3 * usual, 1.2 * rare) * 1000))
        guard wait <= Self.longestWait else {
            remarks.append("readings are too rare to miss one")
            return
        }
        let reason =
            "A reading comes every \(duration(usual)), 99.9 % of them within \(duration(rare)); the longest silence was "
            + "\(duration(Double(profile.longestInterval)))."
        sections.append(Section(word: "silent", settings: [(.staleAfter(wait), reason)]))
    }

    private mutating func suggestUnchanged(_ profile: SeriesProfile) {
        guard profile.numbers >= Self.fewest, let usual = profile.intervals.quantile(0.5), usual > 0,
            profile.states == nil
        else { return }
        let rest = Double(profile.longestRest)
        guard rest <= 20 * usual else {
            remarks.append("it may rest (for \(duration(rest)) at most): nothing is said of a sensor that is stuck")
            return
        }
        let wait = max(100_000_000, RoundNumber.up(max(3 * rest, 10 * usual) * 1000))
        guard wait <= Self.longestWait else { return }
        sections.append(
            Section(
                word: "stuck",
                settings: [
                    (.unchangedFor(wait), "It never rests: \(duration(rest)) is the longest that it was the same.")
                ])
        )
    }

    /// Of microseconds.
    private func duration(_ microseconds: Double) -> String {
        MessageTemplate.duration(Int64(min(9e18, microseconds * 1000)))
    }
}
