import TestSupport
import Testing

@testable import Polling

private let second = SimulatedLine.second
private let millisecond = SimulatedLine.millisecond

@Suite struct ScheduleTests {
    @Test func nothingToDo() {
        var schedule = LineSchedule([], start: 5)
        #expect(schedule.next(now: 5) == .wait(until: .max))
        #expect(!schedule.isSilent(1))
    }

    @Test func startsAreSpread() {
        let tasks = [
            task(1, .seconds(1)), task(2, .seconds(1)), task(3, .seconds(10)), task(4, .seconds(1)),
            task(5, .seconds(1)),
        ]
        var line = SimulatedLine(tasks, start: 77)
        line.run(seconds: 1)
        #expect(line.polls.map { $0.first.map { ($0.began - 77) / millisecond } } == [0, 250, 10, 500, 750])
    }

    @Test func theGridNeverMoves() {
        var line = SimulatedLine([task(1, .milliseconds(100)), task(2, .milliseconds(300))], start: 123)
        var turn = 0
        var random = SeededGenerator(seed: 0x6817)
        line.latency = { _ in 5 * millisecond }
        while line.now < 10_000 * second {
            line.run(seconds: 97)
            // The line is away for a time that fits no grid.
            line.now += Int64.random(in: 0...second, using: &random)
            turn += 1
        }
        for index in 0..<2 {
            let period = line.schedule.task(index).period
            let offsets = line.polls[index].map { ($0.began - 123) % period }
            // Each turn lies close behind a moment of the grid, but for those after the line was away.
            #expect(offsets.count { $0 > 5 * millisecond } <= turn, "seed 0x6817")
        }
    }

    @Test func aMomentIsMissedNotQueued() {
        var line = SimulatedLine([task(1, .seconds(1))])
        line.latency = { _ in 10 * second }
        line.run(seconds: 100)
        // Ten turns, each with the nine moments that passed meanwhile.
        let figures = line.schedule.figures(of: 0)
        #expect(figures.answered == 10)
        #expect(figures.missed == 81)
        #expect(figures.latency == 10 * second)
        #expect(figures.achieved == 10 * second)
        line.latency = { _ in 10 * millisecond }
        line.run(seconds: 10)
        // No more than one a second: nothing is made up for.
        #expect(line.polls[0].count == 20)
        #expect(line.polls[0].suffix(9).allSatisfy { $0.began % second == 0 })
    }

    @Test func aSlowDeviceCountsItsOwn() {
        var line = SimulatedLine([task(1, .seconds(1)), task(2, .seconds(20))])
        line.latency = { $0 == 1 ? 10 * second : 10 * millisecond }
        line.run(seconds: 400)
        #expect(line.schedule.figures(of: 1).answered >= 19)
        #expect(line.schedule.figures(of: 1).missed <= 1)
        #expect(line.schedule.figures(of: 0).missed > 300)
        #expect(line.schedule.figures(of: 0).answered >= 38)
    }

    @Test func theShorterPeriodGoesFirst() {
        var schedule = LineSchedule([task(1, .seconds(10)), task(2, .seconds(1)), task(3, .seconds(5))], start: 0)
        var order: [Int] = []
        while case .poll(let index) = schedule.next(now: 0) {
            order.append(index)
            schedule.finished(index, .answered, began: 0, ended: 0)
        }
        #expect(order == [1, 2, 0])
        #expect(schedule.next(now: 0) == .wait(until: second))
    }

    /// Far more is asked for than the line has time for: each has its turn all the same.
    @Test func noneStarves() {
        let tasks = [
            task(1, .milliseconds(10)), task(2, .milliseconds(20)), task(3, .milliseconds(10)), task(4, .seconds(1)),
            task(5, .seconds(30)),
        ]
        var line = SimulatedLine(tasks)
        line.latency = { _ in 50 * millisecond }
        line.run(seconds: 300)
        for index in 0..<3 { #expect(line.achieved(index, since: 0) < 0.2) }
        #expect(line.achieved(3, since: 0) < 1.01)
        #expect(line.achieved(4, since: 0) < 31)
        #expect(line.order.count >= 5990)
        for index in tasks.indices {
            let figures = line.schedule.figures(of: index)
            let due = 300 * second / tasks[index].period
            #expect(abs(Int64(figures.answered + figures.missed) - due) <= max(2, due / 100), "\(index)")
        }
    }

    @Test func refusalsAreAnswers() {
        var schedule = LineSchedule([task(1, .seconds(1))], start: 0)
        for moment in 0..<10 {
            let now = Int64(moment) * second
            #expect(schedule.next(now: now) == .poll(0))
            schedule.finished(0, .refused, began: now, ended: now + millisecond)
        }
        #expect(!schedule.isSilent(1))
        #expect(schedule.figures(of: 0).refused == 10)
        #expect(schedule.figures(of: 0).failed == 0)
    }

    @Test func figures() {
        var line = SimulatedLine([task(1, .seconds(1)), task(2, .seconds(1))], start: 0)
        line.latency = { $0 == 1 ? 20 * millisecond : 40 * millisecond }
        line.run(seconds: 100)
        for (index, latency) in [20, 40].enumerated() {
            let figures = line.schedule.figures(of: index)
            #expect(figures.answered == 100)
            #expect((figures.missed, figures.failed, figures.refused) == (0, 0, 0))
            #expect(figures.latency == Int64(latency) * millisecond)
            #expect(figures.longestLatency == Int64(latency) * millisecond)
            #expect(figures.achieved == second)
            #expect(figures.jitter == 0)
        }
    }

    /// A device that has to be asked in other pieces is no reason for the others to lose their moments.
    @Test func tasksAreReplaced() {
        let tasks = [
            task(1, .seconds(1)), task(2, .seconds(1)), task(2, .seconds(2)), task(3, .seconds(1)),
            task(4, .seconds(1)),
        ]
        var line = SimulatedLine(tasks)
        line.dead = [4]
        line.run(seconds: 30)
        let before = line.schedule
        line.schedule.replace(
            1..<3, with: [task(2, .seconds(1)), task(2, .seconds(1)), task(2, .seconds(2))], now: line.now)
        #expect((0..<6).map { line.schedule.task($0).unit } == [1, 2, 2, 2, 3, 4])
        #expect(line.schedule.figures(of: 0) == before.figures(of: 0))
        #expect(line.schedule.figures(of: 4) == before.figures(of: 3))
        #expect(line.schedule.figures(of: 1) == PollFigures())
        #expect(line.schedule.isSilent(4))
        var moments: [Int: [Int64]] = [:]
        var now = line.now
        while now < line.now + 10 * second {
            switch line.schedule.next(now: now) {
            case .wait(let until): now = until
            case .poll(let index):
                moments[index, default: []].append(now)
                line.schedule.finished(index, index == 5 ? .failed : .answered, began: now, ended: now + millisecond)
                now += millisecond
            }
        }
        #expect(moments[0]?.allSatisfy { $0 % second == 0 } == true)
        #expect(moments[0]?.count == 10)
        #expect(moments[4]?.allSatisfy { ($0 - line.polls[3][0].began) % second <= 5 * millisecond } == true)
        #expect((1..<4).map { moments[$0]?.count } == [10, 10, 5])
        #expect((moments[5]?.count ?? 0) <= 2)
    }

    // MARK: - Units that do not answer

    @Test func oneLostAnswerChangesNothing() {
        var line = SimulatedLine([task(1, .seconds(1))])
        for _ in 0..<20 {
            line.dead = [1]
            line.run(seconds: 2)
            line.dead = []
            line.run(seconds: 1)
        }
        #expect(!line.schedule.isSilent(1))
        #expect(line.polls[0].count == 60)
        #expect(line.schedule.figures(of: 0).missed == 0)
    }

    @Test func aDeadUnitIsTriedLessAndLess() {
        var line = SimulatedLine([task(1, .seconds(1))])
        line.dead = [1]
        line.run(seconds: 300)
        #expect(line.schedule.isSilent(1))
        let moments = line.polls[0].map(\.began)
        let pauses = zip(moments, moments.dropFirst()).map { ($1 - $0) / second }
        #expect(pauses.prefix(2) == [1, 1])
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == 30)
        #expect(line.schedule.figures(of: 0).missed == 0)
        #expect(line.schedule.figures(of: 0).failed == moments.count)
        // It is back: its grid is the old one, and its rate has nothing of the silence.
        line.dead = []
        line.run(seconds: 60)
        #expect(!line.schedule.isSilent(1))
        let answers = line.answers(of: 0, since: 300 * second)
        #expect(answers.count >= 30)
        #expect(answers.dropFirst().allSatisfy { $0 % second == 0 })
        #expect(line.schedule.figures(of: 0).achieved >= second * 9 / 10)
        #expect(line.schedule.figures(of: 0).achieved <= second * 11 / 10)
        #expect(line.schedule.figures(of: 0).missed == 0)
    }

    /// A request that never gets an answer does not keep a unit silent whose other requests do.
    @Test func attemptsTakeTurns() {
        var schedule = LineSchedule([task(1, .seconds(1)), task(1, .seconds(1))], start: 0)
        var now: Int64 = 0
        var attempts: [Int] = []
        while now < 120 * second {
            switch schedule.next(now: now) {
            case .wait(let until): now = until
            case .poll(let index):
                schedule.finished(index, .failed, began: now, ended: now + 300 * millisecond)
                now += 300 * millisecond
                attempts.append(index)
            }
        }
        let probes = attempts.dropFirst(3)
        #expect(probes.count >= 5)
        #expect(abs(probes.count { $0 == 0 } - probes.count { $0 == 1 }) <= 1)
    }

    /// Some devices say nothing to requests that they do not know: the unit is there all the same, and so is the line.
    @Test func aRequestIsLeftAloneByItself() {
        var line = SimulatedLine([task(1, .seconds(1)), task(1, .seconds(1)), task(2, .seconds(1))])
        line.unknown = [1]
        line.timeout = 700 * millisecond
        line.run(seconds: 600)
        #expect(!line.schedule.isSilent(1))
        #expect((0..<3).map(line.schedule.isLeftAlone) == [false, true, false])
        for index in [0, 2] {
            #expect(line.achieved(index, since: 60 * second) < 1.01)
            #expect(line.schedule.figures(of: index).missed <= 3)
        }
        #expect(line.wasted(since: 60 * second) < 0.11)
        // A device that was restarted may know it now.
        line.unknown = []
        line.run(seconds: 60)
        #expect(!line.schedule.isLeftAlone(1))
        #expect(line.answers(of: 1, since: 600 * second).count > 25)
        #expect(line.schedule.figures(of: 1).missed <= 3)
    }

    @Test(arguments: [(100, 1), (300, 1), (500, 1), (300, 2)])
    func halfOfTheUnitsDieAndComeBack(timeout: Int, requests: Int) {
        let tasks = (1...20).flatMap { unit in (0..<requests).map { _ in task(UInt8(unit), .seconds(1)) } }
        var line = SimulatedLine(tasks)
        line.latency = { _ in 12 * millisecond }
        line.timeout = Int64(timeout) * millisecond
        line.run(seconds: 60)
        let isDead = tasks.map { $0.unit % 2 == 0 }
        for index in tasks.indices { #expect(line.polls[index].count == 60) }

        line.dead = Set((1...20).filter { $0 % 2 == 0 }.map(UInt8.init))
        let death = line.now
        line.run(seconds: 300)
        #expect(line.dead.allSatisfy { line.schedule.isSilent($0) })
        for index in tasks.indices where !isDead[index] {
            let achieved = line.achieved(index, since: death)
            #expect(achieved < 1.05, "\(index): \(achieved)")
        }
        // After the first minute, in which the silence is found.
        let wasted = line.wasted(since: death + 60 * second)
        #expect(wasted < 0.11, "\(wasted)")

        line.dead = []
        let life = line.now
        line.run(seconds: 120)
        for index in tasks.indices {
            let first = line.answers(of: index, since: life).first ?? .max
            #expect(first - life < 60 * second, "\(index): \((first - life) / second) s")
            let achieved = line.achieved(index, since: life + 60 * second)
            #expect(abs(achieved - 1) < 0.01, "\(index): \(achieved)")
        }
    }

    /// Time-outs as long as the periods of the others: they lose a moment each time, so there are few of them.
    @Test func longTimeouts() {
        let tasks = (1...20).map { task(UInt8($0), .seconds(1)) }
        var line = SimulatedLine(tasks)
        line.latency = { _ in 12 * millisecond }
        line.timeout = second
        line.run(seconds: 60)
        line.dead = Set(11...20)
        line.run(seconds: 60)
        let settled = line.now
        line.run(seconds: 600)
        for index in 0..<10 {
            let achieved = line.achieved(index, since: settled)
            #expect(achieved < 1.06, "\(index): \(achieved)")
        }
        #expect(line.wasted(since: settled) < 0.055)
    }

    /// Even on a line that never rests.
    @Test func theDeadAreTriedOnAFullLine() {
        let tasks = (1...5).map { task(UInt8($0), .milliseconds(50)) }
        var line = SimulatedLine(tasks)
        line.latency = { _ in 30 * millisecond }
        line.dead = [5]
        line.run(seconds: 60)
        #expect(line.schedule.isSilent(5))
        let life = line.now
        line.dead = []
        line.run(seconds: 60)
        #expect(line.answers(of: 4, since: life).count > 100)
        #expect((line.answers(of: 4, since: life).first ?? .max) - life < 45 * second)
    }

    /// Of many that are dead none is forgotten over the others.
    @Test func allOfTheDeadHaveTheirTurn() {
        let tasks = (1...60).map { task(UInt8($0), .seconds(1)) }
        var line = SimulatedLine(tasks)
        line.dead = Set(1...60)
        line.timeout = 100 * millisecond
        line.run(seconds: 1800)
        let counts = line.polls.map(\.count)
        #expect((counts.max() ?? 0) <= (counts.min() ?? 0) * 2, "\(counts)")
        #expect(line.wasted(since: 600 * second) < 0.11)
    }

    // MARK: - At large

    @Test func aThousandTasks() {
        let tasks = (0..<1000).map { task(UInt8($0 % 100), .seconds([1, 10, 60, 100][$0 % 4])) }
        var line = SimulatedLine(tasks)
        // A quarter of them each second: 250 + 25 + 4 + 3 turns.
        line.latency = { _ in 3 * millisecond }
        line.run(seconds: 120)
        for index in tasks.indices {
            let figures = line.schedule.figures(of: index)
            #expect(figures.missed == 0)
            #expect(Int64(figures.answered) >= 120 * second / tasks[index].period - 1)
        }
    }

    @Test(arguments: [0xD00D_0001, 0xD00D_0002, 0xD00D_0003] as [UInt64])
    func theSameAgain(seed: UInt64) {
        func run() -> SimulatedLine {
            var random = SeededGenerator(seed: seed)
            let tasks = (0..<30).map { _ in
                task(
                    UInt8.random(in: 1...8, using: &random), .milliseconds(Int64.random(in: 10...5000, using: &random)))
            }
            var line = SimulatedLine(tasks, start: Int64.random(in: -second...second, using: &random))
            for _ in 0..<20 {
                line.dead = Set((0..<2).map { _ in UInt8.random(in: 1...8, using: &random) })
                line.run(seconds: 10)
            }
            return line
        }
        let (one, other) = (run(), run())
        #expect(one.order == other.order)
        #expect(one.now == other.now)
        // What is counted adds up, whatever came.
        for index in one.polls.indices {
            let figures = one.schedule.figures(of: index)
            #expect(figures.answered + figures.failed == one.polls[index].count, "seed \(seed)")
            let moments = one.polls[index].map(\.began)
            let period = one.schedule.task(index).period
            #expect(Int64(moments.count) <= (one.now - one.start) / period + 1, "seed \(seed)")
        }
    }
}
