/// `all`, `any` (with `at_least`) and `not`: what other rules say together.
public struct Vote: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Every alarm of every rule stands, and each rule has one.
        case all
        /// So many alarms of the rules stand.
        case atLeast(Int)
        /// None does.
        case none
    }

    public var kind: Kind
    /// By name.
    public var rules: [String]
    public var level: AlarmLevel

    public init(_ kind: Kind, of rules: [String], level: AlarmLevel = .warning) {
        self.kind = kind
        self.rules = rules
        self.level = level
    }

    /// From what each rule has: how many alarms stand, of how many.
    func isRaised(by counts: [(standing: Int, all: Int)]) -> Bool {
        switch kind {
        case .all: counts.allSatisfy { $0.all > 0 && $0.standing == $0.all }
        case .atLeast(let number): counts.reduce(0) { $0 + $1.standing } >= number
        case .none: counts.allSatisfy { $0.standing == 0 }
        }
    }

    var complaint: String {
        let names = rules.joined(separator: ", ")
        return switch kind {
        case .all: "all of \(names) stand"
        case .atLeast(1): "one of \(names) stands"
        case .atLeast(let number): "\(number) or more of \(names) stand"
        case .none: "none of \(names) stands"
        }
    }
}

/// Of one alarm, or of all of a rule, what votes look at.
struct VoteCount {
    var standing = 0
    /// Of those how many old readings have raised.
    var lateStanding = 0
    /// Ended by old readings.
    var lateEnded = 0

    init() {}

    init(stands: Bool, isLate: Bool) {
        standing = stands ? 1 : 0
        lateStanding = stands && isLate ? 1 : 0
        lateEnded = !stands && isLate ? 1 : 0
    }

    mutating func add(_ other: VoteCount) {
        standing += other.standing
        lateStanding += other.lateStanding
        lateEnded += other.lateEnded
    }

    mutating func remove(_ other: VoteCount) {
        standing -= other.standing
        lateStanding -= other.lateStanding
        lateEnded -= other.lateEnded
    }
}
