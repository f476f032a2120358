/// One of the views of a signal that a detector keeps a range of.
public enum AnomalyChannel: String, Sendable, CaseIterable {
    /// The value itself.
    case level
    /// How far it is from where it was lately.
    case jump
    /// How far it has been, for the last 24 values, from what is usual at this hour.
    case daily
    /// Of the last 32 values, in units of the usual spread.
    case average
    /// How much the last 96 values moved from one to the next.
    case activity
}

/// What a detector says of a reading.
public struct AnomalyVerdict: Sendable, Hashable {
    /// 0 to 1; at 0.5 and above an alert.
    public let score: Double
    /// The same whether or not an alert was raised just before, after which `score` is halved.
    let rawScore: Double
    public let isAlert: Bool
    /// Far enough outside to notify someone; also of readings that raise no alert because one was raised just before.
    public let isSevere: Bool
    /// Of a score above 0.
    public let reason: AnomalyReason?

    static let normal = AnomalyVerdict(score: 0, rawScore: 0, isAlert: false, isSevere: false, reason: nil)
}

/// The view that is furthest outside of its range. Numbers only: the text is made for those who ask for it.
public struct AnomalyReason: Sendable, Hashable, CustomStringConvertible {
    public let channel: AnomalyChannel
    public let value: Double
    /// As they were before this reading.
    public let low: Double
    public let high: Double

    /// Such as "activity 0 outside 0.82..1.31".
    public var description: String {
        "\(channel.rawValue) \(text(value)) outside \(text(low))..\(text(high))"
    }

    /// With as many decimals as the width of the range has use for: three digits of it.
    private func text(_ number: Double) -> String {
        let rounded = (number * power).rounded() / power
        // Past this power of ten, a product is not what it was; and there is no minus before a zero.
        return MessageTemplate.text(power <= 1e22 && rounded.isFinite ? rounded + 0 : number)
    }

    private var power: Double {
        let width = high - low
        var power = 1.0
        while width * power < 100, power <= 1e22 { power *= 10 }
        return power
    }
}
