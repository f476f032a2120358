import Readings

/// `anomaly`: not as usual, as a detector finds that has learnt what is usual. What it is less sure of is a notice.
public struct Anomaly: Sendable, Hashable {
    /// From which score on an alert is listed, and from which one people are told.
    public enum Sensitivity: String, Sendable, CaseIterable {
        case low, normal, high

        var listed: Double { self == .low ? 0.8 : 0.5 }

        var told: Double {
            switch self {
            case .low: 0.9
            case .normal: 0.8
            case .high: 0.5
            }
        }
    }

    public var sensitivity: Sensitivity
    /// Nanoseconds: the detector is given the mean of so long, or each reading where they come more seldom; 0: each.
    public var every: Int64
    /// Whether the scores are a series too.
    public var hasScore: Bool
    /// Of what people are told of.
    public var level: AlarmLevel

    public init(
        _ sensitivity: Sensitivity = .normal, every: Int64 = 60_000_000_000, hasScore: Bool = false,
        level: AlarmLevel = .warning
    ) {
        self.sensitivity = sensitivity
        self.every = every
        self.hasScore = hasScore
        self.level = level
    }

    /// An alert begins an alarm, which then lasts while the readings are as far outside.
    func level(of verdict: AnomalyVerdict, stands: Bool) -> UInt8 {
        guard verdict.isAlert || stands else { return 0 }
        if verdict.rawScore >= sensitivity.told { return level.rawValue }
        return verdict.rawScore >= sensitivity.listed ? AlarmLevel.notice.rawValue : 0
    }

    func complaint(_ value: String, _ finding: Finding?) -> String {
        guard case .anomaly(let reason)? = finding else { return "is \(value), which is not as usual" }
        return "is \(value), not as usual: \(reason)\(reason.looksStuck ? ": stuck?" : "")"
    }

    /// More than enough to learn from, and then something else.
    var provocation: [Provocation] {
        let step = max(every, 1_000_000_000)
        return (0..<200).map { Provocation(.number(Double($0 % 2)), after: step) }
            + [Provocation(.number(1_000_000), after: step)]
    }
}

extension AnomalyReason {
    /// It moves less than it ever did.
    fileprivate var looksStuck: Bool { channel == .activity && value < low }
}
