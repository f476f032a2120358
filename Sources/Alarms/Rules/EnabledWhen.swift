import Readings

/// `enabled_when`: another series says whether the rule means anything now. As long as nobody knows, it does.
public struct EnabledWhen: Sendable, Hashable {
    public enum Test: Sendable, Hashable {
        /// One of them.
        case equals([Value])
        case notEquals([Value])
        case above(Double)
        case below(Double)
    }

    public var series: SeriesName
    public var test: Test

    public init(_ series: SeriesName, _ test: Test) {
        self.series = series
        self.test = test
    }

    func isEnabled(by reading: Reading) -> Bool {
        if reading.isBad { return true }
        return switch (test, reading.value) {
        case (.equals(let wanted), let value): Equality(wanted).isRaised(by: value)
        case (.notEquals(let wanted), let value): !Equality(wanted).isRaised(by: value)
        case (.above(let limit), .number(let number)): number > limit
        case (.below(let limit), .number(let number)): number < limit
        case (.above, _), (.below, _): true
        }
    }
}
