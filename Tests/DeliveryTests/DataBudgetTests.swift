import Readings
import TestSupport
import Testing

@testable import Delivery

private let day: Int64 = 86_400_000_000
private let hour: Int64 = 3_600_000_000

@Suite struct DataBudgetTests {
    // MARK: - Counting

    /// Whatever is sent where and when, each day and each month has its own count.
    @Test(arguments: Zone.allCases, 0..<10 as Range<UInt64>) func countsByDayAndMonth(zone: Zone, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let starts = Int.random(in: 1...31, using: &random)
        var budget = DataBudget(DataLimits(monthStartsOn: starts))
        var byDay: [Int64: Int64] = [:]
        var byMonth: [Int64: Int64] = [:]
        var wall = utc(2024, 1, 1)
        for _ in 0..<2000 {
            wall += .random(in: 0...12 * hour, using: &random)
            let local = wall / 1_000_000 + Int64(zone.offset(at: wall))
            let today = local / 86_400
            let month = BudgetPeriod(monthAt: local, startingOn: starts).start
            let bytes = Int.random(in: 0...100_000, using: &random)
            byDay[today, default: 0] += Int64(bytes)
            byMonth[month, default: 0] += Int64(bytes)
            budget.note(bytes, Lane.allCases.randomElement(using: &random) ?? .fresh, at: wall, offset: zone.offset)
            let sent = budget.sent(at: wall, offset: zone.offset)
            #expect(sent.day.total == byDay[today], "seed \(seed)")
            #expect(sent.month.total == byMonth[month], "seed \(seed)")
        }
    }

    @Test func byLane() {
        var budget = DataBudget(DataLimits())
        for (index, lane) in Lane.allCases.enumerated() {
            budget.note(1 << index, lane, at: 0, offset: Zone.utc.offset)
        }
        let month = budget.sent(at: 0, offset: Zone.utc.offset).month
        #expect(Lane.allCases.map { month[$0] } == [1, 2, 4])
        for lane in Lane.allCases { #expect(budget.room(for: lane, at: 0, offset: Zone.utc.offset) == .max) }
        // Of what is no number of bytes nothing is spoilt.
        for bytes in [-5, .max, .max, .max] { budget.note(bytes, .fresh, at: 0, offset: Zone.utc.offset) }
        #expect(budget.sent(at: 0, offset: Zone.utc.offset).day.total > 1 << 59)
    }

    // MARK: - Room and shares

    /// Who keeps to the room keeps to the limits, and no lane takes what is another's.
    @Test(arguments: 0..<60 as Range<UInt64>) func room(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = DataLimits(
            perDay: Int64.random(in: 1000...100_000, using: &random),
            perMonth: Int64.random(in: 10_000...1_000_000, using: &random),
            freshShare: .random(in: 0...1, using: &random), backlogShare: .random(in: 0...1, using: &random))
        var budget = DataBudget(limits)
        var wall = utc(2024, 5, 1)
        for _ in 0..<1000 {
            wall += .random(in: 0...2 * hour, using: &random)
            let lane = Lane.allCases.randomElement(using: &random) ?? .fresh
            let room = budget.room(for: lane, at: wall, offset: Zone.utc.offset)
            if lane == .alarms {
                #expect(room == .max)
                if Int.random(in: 0..<5, using: &random) == 0 {
                    budget.note(50, lane, at: wall, offset: Zone.utc.offset)
                }
                continue
            }
            #expect(room >= 0)
            let bytes = Int(Bool.random(using: &random) ? room : .random(in: 0...room, using: &random))
            budget.note(bytes, lane, at: wall, offset: Zone.utc.offset)
            let sent = budget.sent(at: wall, offset: Zone.utc.offset)
            for (sent, limit) in [(sent.day, limits.perDay ?? 0), (sent.month, limits.perMonth ?? 0)] where bytes > 0 {
                #expect(sent.total <= limit, "seed \(seed)")
                let share = lane == .fresh ? limits.freshShare : limits.backlogShare
                #expect(Double(sent[lane]) <= share * Double(limit - sent.total + sent[lane]) + 1, "seed \(seed)")
            }
        }
    }

    @Test func theBacklogLeavesSomething() {
        var budget = DataBudget(DataLimits(perMonth: 1_000_000, backlogShare: 0.6))
        func room(_ lane: Lane) -> Int64 { budget.room(for: lane, at: utc(2024, 5, 1), offset: Zone.utc.offset) }
        #expect(room(.backlog) == 600_000)
        budget.note(600_000, .backlog, at: utc(2024, 5, 1), offset: Zone.utc.offset)
        #expect(room(.backlog) == 0)
        #expect(room(.fresh) == 400_000)
        budget.note(500_000, .alarms, at: utc(2024, 5, 1), offset: Zone.utc.offset)
        #expect(room(.fresh) == 0)
        #expect(room(.alarms) == .max)
        #expect(budget.room(for: .backlog, at: utc(2024, 6, 1), offset: Zone.utc.offset) == 600_000)
    }

    // MARK: - The clock jumps

    @Test func toAndFroGivesNothingAgain() {
        var budget = DataBudget(DataLimits(perMonth: 1000, backlogShare: 1))
        var total: Int64 = 0
        for turn in 0..<100 {
            let wall = turn.isMultiple(of: 2) ? utc(2024, 5, 31, 23) : utc(2024, 6, 1, 1)
            let room = budget.room(for: .backlog, at: wall, offset: Zone.utc.offset)
            budget.note(Int(room), .backlog, at: wall, offset: Zone.utc.offset)
            total += room
        }
        #expect(total == 2000)
    }

    @Test func farInTheFutureAndBack() {
        var budget = DataBudget(DataLimits(perDay: 100, perMonth: 1000))
        func room(_ wall: Int64) -> Int64 { budget.room(for: .fresh, at: wall, offset: Zone.utc.offset) }
        let now = utc(2024, 5, 31)
        budget.note(90, .fresh, at: now, offset: Zone.utc.offset)
        for wall in [utc(2099, 1, 1), Int64.max, .min] {
            budget.note(100, .fresh, at: wall, offset: Zone.utc.offset)
            #expect(room(wall) == 0)
            #expect(room(now) == 10)
        }
        #expect(room(now + day) == 100)
    }

    // MARK: - Tight

    @Test func tightWhenAheadOfTheEvenLine() {
        var budget = DataBudget(DataLimits(perMonth: 30_000))
        func isTight(_ day: Int, _ hour: Int = 0) -> Bool {
            budget.isTight(at: utc(2024, 6, day, hour), offset: Zone.utc.offset)
        }
        #expect(!isTight(1))
        budget.note(3000, .fresh, at: utc(2024, 6, 1), offset: Zone.utc.offset)
        #expect(!isTight(1))
        budget.note(500, .fresh, at: utc(2024, 6, 1), offset: Zone.utc.offset)
        #expect(isTight(1))
        // Until as much is left as would be if all had been sent evenly: after three days and a half.
        #expect(isTight(4))
        #expect(isTight(4, 11))
        #expect(!isTight(4, 13))
        // And near the end a little is ahead enough.
        budget.note(26_200, .fresh, at: utc(2024, 6, 29), offset: Zone.utc.offset)
        #expect(isTight(29, 12))
        #expect(!isTight(30, 23))
        budget.note(300, .fresh, at: utc(2024, 6, 30, 1), offset: Zone.utc.offset)
        #expect(isTight(30, 1))
        #expect(budget.isTight(at: utc(2024, 7, 1), offset: Zone.utc.offset) == false)
    }

    /// Sending evenly is never tight, whatever the frames.
    @Test(arguments: 0..<20 as Range<UInt64>) func evenlyIsNotTight(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var budget = DataBudget(DataLimits(perDay: 1_000_000, perMonth: 30_000_000, backlogShare: 1))
        for minute in 0..<30 * 1440 {
            let wall = utc(2024, 6, 1) + Int64(minute) * 60_000_000
            budget.note(.random(in: 0...1300, using: &random), .fresh, at: wall, offset: Zone.utc.offset)
            guard minute % 60 == 59 else { continue }
            #expect(budget.isTight(at: wall, offset: Zone.utc.offset) == false, "seed \(seed)")
        }
    }

    // MARK: - Forecast

    private func forecast(_ limits: DataLimits, _ sent: Int, from start: Int64, at wall: Int64) -> [DataForecast] {
        var budget = DataBudget(limits)
        budget.note(0, .fresh, at: start, offset: Zone.european.offset)
        budget.note(sent, .fresh, at: wall, offset: Zone.european.offset)
        return budget.forecasts(at: wall, offset: Zone.european.offset)
    }

    @Test func asStatusShowsIt() {
        let gigabytes = DataLimits(perMonth: 5_000_000_000)
        let june = utc(2024, 5, 31, 22)
        func text(_ sent: Int, _ wall: Int64) -> [String] {
            forecast(gigabytes, sent, from: june, at: wall).map(\.description)
        }
        #expect(text(2_140_000_000, utc(2024, 6, 10)) == ["2.1 of 5 GB, full on the 22nd at this rate"])
        #expect(text(2_000_000_000, utc(2024, 6, 10)) == ["2 of 5 GB, full on the 23rd at this rate"])
        #expect(text(1_000_000_000, utc(2024, 6, 10)) == ["1 of 5 GB, enough at this rate"])
        #expect(text(1_000_000_000, utc(2024, 6, 1)) == ["1 of 5 GB"])
        #expect(text(0, utc(2024, 6, 10)) == ["0 of 5 GB, enough at this rate"])
        #expect(text(5_250_000_000, utc(2024, 6, 10)) == ["5.3 of 5 GB, full until the 1st"])
        #expect(text(4_900_000_000, utc(2024, 6, 11)) == ["4.9 of 5 GB, full on the 11th at this rate"])
        let small = DataLimits(perDay: 50_000, perMonth: 1_500_000, monthStartsOn: 31)
        let texts = forecast(small, 30_000, from: june, at: june + 12 * hour).map(\.description)
        #expect(texts == ["30 of 50 kB, full at 20:00 at this rate", "0 of 1.5 MB, full on the 26th at this rate"])
    }

    /// It is the moment at which the limit is reached by who goes on as before.
    @Test(arguments: 0..<40 as Range<UInt64>) func whenItIsFull(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let limit = Int64.random(in: 10_000_000...9_000_000_000, using: &random)
        let start = utc(2024, 2, 1)
        let wall = start + .random(in: 12 * hour...20 * day, using: &random)
        let sent = Int.random(in: 1...Int(limit) - 1, using: &random)
        var budget = DataBudget(DataLimits(perMonth: limit))
        budget.note(0, .fresh, at: start, offset: Zone.utc.offset)
        budget.note(sent, .fresh, at: wall, offset: Zone.utc.offset)
        let forecast = try #require(budget.forecasts(at: wall, offset: Zone.utc.offset).first)
        #expect(forecast.endsAt == utc(2024, 3, 1))
        let reached = Double(sent) * Double((forecast.fullAt ?? forecast.endsAt) - start) / Double(wall - start)
        if forecast.fullAt == nil {
            #expect(reached <= Double(limit) * 1.001, "seed \(seed)")
        } else {
            #expect(abs(reached / Double(limit) - 1) < 0.001, "seed \(seed)")
        }
    }

    // MARK: - Kept over restarts

    private func filled(_ random: inout SeededGenerator) -> DataBudget {
        var budget = DataBudget(DataLimits(perDay: 1_000_000, perMonth: 5_000_000))
        for _ in 0..<Int.random(in: 0...10, using: &random) {
            let wall = utc(2024, 1, 1) + .random(in: 0...90 * day, using: &random)
            budget.note(.random(in: 0...10_000, using: &random), .backlog, at: wall, offset: Zone.utc.offset)
        }
        return budget
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func goesOnAsIfItHadNeverStopped(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let ledger = filled(&random).ledger
        #expect(ledger.state.count == DataLedger.stateCount)
        #expect(try DataLedger(state: ledger.state) == ledger, "seed \(seed)")
    }

    /// No byte of it may be another, none missing, and none too many.
    @Test func damage() throws {
        var random = SeededGenerator(seed: 3)
        let state = filled(&random).ledger.state
        for index in state.indices {
            for bit in 0..<8 {
                var damaged = state
                damaged[index] ^= 1 << UInt8(bit)
                #expect(throws: DataLedgerError.self, "\(index)") { try DataLedger(state: damaged) }
            }
            #expect(throws: DataLedgerError.damaged) { try DataLedger(state: Array(state[..<index])) }
        }
        #expect(throws: DataLedgerError.damaged) { try DataLedger(state: state + [0]) }
        var newer = state
        newer[4] = 9
        #expect(throws: DataLedgerError.newer(version: 9)) { try DataLedger(state: newer) }
    }
}
