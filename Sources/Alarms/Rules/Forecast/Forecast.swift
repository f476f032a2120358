import Readings

/// `forecast`: the value reaches a limit within a time, if it goes on as it does.
public struct Forecast: Sendable, Hashable {
    /// From where a value comes to the limit.
    public enum Direction: String, Sendable, CaseIterable {
        case rising, falling
        /// From where it is.
        case either
    }

    public var limit: Double
    /// Nanoseconds, as is the next one.
    public var within: Int64
    /// How far back the trend is looked for.
    public var over: Int64
    public var direction: Direction
    public var level: AlarmLevel

    public init(
        limit: Double, within: Int64, over: Int64, direction: Direction = .either, level: AlarmLevel = .warning
    ) {
        self.limit = limit
        self.within = within
        self.over = over
        self.direction = direction
        self.level = level
    }

    /// `offset`: how many seconds the clocks of the gateway are ahead of UTC at a time.
    func complaint(_ value: String, _ finding: Finding?, at time: Int64, _ offset: (Int64) -> Int) -> String {
        guard case .forecast(let reaches)? = finding else { return "is \(value)" }
        let limit = MessageTemplate.text(limit)
        guard let reaches else { return "is \(value), and has reached \(limit)" }
        let (left, isHuge) = reaches.subtractingReportingOverflow(time)
        let span = isHuge ? within : min(max(0, left), Int64.max / 1000) * 1000
        return "is \(value), and reaches \(limit) in \(MessageTemplate.duration(span - span % 1_000_000_000)), "
            + "about \(Self.moment(reaches, offset))"
    }

    /// To the minute, by the clock on the wall.
    private static func moment(_ time: Int64, _ offset: (Int64) -> Int) -> String {
        let local = Timestamp(microseconds: time.addingReportingOverflow(Int64(offset(time)) * 1_000_000).partialValue)
        return "\(local.rfc3339.prefix(10)) \(local.rfc3339.dropFirst(11).prefix(5))"
    }

    /// Straight on, and at the end half of the time away from the limit.
    var provocation: [Provocation] {
        let count: Int64 = 40
        let step = max(1, over / count)
        let span = max(1, abs(limit) / 100)
        let sign: Double = direction == .falling ? -1 : 1
        let end = Double(within) / 2 / Double(over)
        return (0...count).map { number in
            Provocation(.number(limit - sign * span * (1 + end - Double(number) / Double(count))), after: step)
        }
    }
}
