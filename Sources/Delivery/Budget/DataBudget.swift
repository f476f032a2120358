/// `budget`: how much may be sent in a day and in a month, by the clocks where the gateway is.
public struct DataLimits: Sendable, Hashable {
    /// In bytes; nil: any.
    public var perDay: Int64?
    public var perMonth: Int64?
    /// The day on which the month begins, 1 to 31; the last of a month that has fewer.
    public var monthStartsOn: Int
    /// The most that a lane may have of what the others have left in a period.
    public var freshShare: Double
    public var backlogShare: Double

    public init(
        perDay: Int64? = nil, perMonth: Int64? = nil, monthStartsOn: Int = 1, freshShare: Double = 1,
        backlogShare: Double = 0.6
    ) {
        self.perDay = perDay
        self.perMonth = perMonth
        self.monthStartsOn = monthStartsOn
        self.freshShare = freshShare
        self.backlogShare = backlogShare
    }

    func share(of lane: Lane) -> Double? {
        switch lane {
        case .alarms: nil
        case .fresh: freshShare
        case .backlog: backlogShare
        }
    }
}

/// What an uplink may still send. Alarms always may, and count. Wall times are microseconds since 1970; what becomes of the
/// counts when the clock jumps stands at PeriodLedger.
public struct DataBudget: Sendable {
    /// It is tight once less than this share is left of what would be if all were sent evenly, until as much is left again.
    private static let tight = 0.9

    private let limits: DataLimits
    public private(set) var ledger: DataLedger
    private var isDayTight = false
    private var isMonthTight = false

    public init(_ limits: DataLimits, ledger: DataLedger = DataLedger()) {
        self.limits = limits
        self.ledger = ledger
    }

    private func month(_ local: Int64) -> BudgetPeriod {
        BudgetPeriod(monthAt: local, startingOn: limits.monthStartsOn)
    }

    /// The periods that the clock is in are those that count from now on.
    private mutating func turn(_ wall: Int64, _ offset: (Int64) -> Int) -> Int64 {
        let local = LocalTime.shown(at: wall, offset)
        ledger.days.turn(to: BudgetPeriod(dayAt: local).start, at: local)
        ledger.months.turn(to: month(local).start, at: local)
        return local
    }

    /// Bytes have gone over the wire, whether they arrived or not.
    public mutating func note(_ bytes: Int, _ lane: Lane, at wall: Int64, offset: (Int64) -> Int) {
        _ = turn(wall, offset)
        ledger.days.add(bytes, lane)
        ledger.months.add(bytes, lane)
    }

    /// How many bytes a lane may send now.
    public mutating func room(for lane: Lane, at wall: Int64, offset: (Int64) -> Int) -> Int64 {
        _ = turn(wall, offset)
        guard let share = limits.share(of: lane) else { return .max }
        return min(
            Self.room(for: lane, share, ledger.days, limits.perDay),
            Self.room(for: lane, share, ledger.months, limits.perMonth))
    }

    private static func room(for lane: Lane, _ share: Double, _ ledger: PeriodLedger, _ limit: Int64?) -> Int64 {
        guard let limit, let sent = ledger.periods.first?.sent else { return .max }
        let forAll = limit - (sent.total - sent[lane])
        let own = Int64((Double(max(0, forAll)) * min(max(0, share), 1)).rounded(.down))
        return max(0, min(own, forAll) - sent[lane])
    }

    /// Whether more has been sent than would be if all were sent evenly, so that raw readings are to go as rollups.
    public mutating func isTight(at wall: Int64, offset: (Int64) -> Int) -> Bool {
        let local = turn(wall, offset)
        Self.judge(&isDayTight, ledger.days, limits.perDay, BudgetPeriod(dayAt: local).passed(at: local))
        Self.judge(&isMonthTight, ledger.months, limits.perMonth, month(local).passed(at: local))
        return isDayTight || isMonthTight
    }

    private static func judge(_ isTight: inout Bool, _ ledger: PeriodLedger, _ limit: Int64?, _ passed: Double) {
        guard let limit, let sent = ledger.periods.first?.sent.total else { return }
        let (left, evenlyLeft) = (1 - Double(sent) / Double(max(1, limit)), 1 - passed)
        isTight = left < evenlyLeft * (isTight ? 1 : Self.tight)
    }

    /// Of the day and of the month, where they have a limit.
    public mutating func forecasts(at wall: Int64, offset: (Int64) -> Int) -> [DataForecast] {
        let local = turn(wall, offset)
        let kinds = [
            (ledger.days, BudgetPeriod(dayAt: local), limits.perDay, false),
            (ledger.months, month(local), limits.perMonth, true),
        ]
        return kinds.compactMap { ledger, period, limit, isOfMonth in
            guard let limit, let counted = ledger.periods.first else { return nil }
            return DataForecast(counted, period, limit: limit, isOfMonth: isOfMonth, at: local, offset)
        }
    }

    /// Of this day and this month.
    public mutating func sent(at wall: Int64, offset: (Int64) -> Int) -> (day: SentBytes, month: SentBytes) {
        _ = turn(wall, offset)
        return (ledger.days.periods.first?.sent ?? SentBytes(), ledger.months.periods.first?.sent ?? SentBytes())
    }
}
