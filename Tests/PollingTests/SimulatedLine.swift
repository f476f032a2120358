@testable import Polling

/// A line in virtual time: units that answer after a while, or let one wait for the time-out.
struct SimulatedLine {
    static let second: Int64 = 1_000_000_000
    static let millisecond: Int64 = 1_000_000

    var schedule: LineSchedule
    var now: Int64
    let start: Int64
    var latency: (UInt8) -> Int64 = { _ in 10 * millisecond }
    var timeout: Int64 = 300 * millisecond
    var dead: Set<UInt8> = []
    /// Tasks that their units do not know, and say nothing to.
    var unknown: Set<Int> = []
    /// When each task began, and whether it was answered.
    private(set) var polls: [[(began: Int64, isAnswered: Bool)]]
    private(set) var order: [Int] = []

    init(_ tasks: [LineSchedule.Task], start: Int64 = 0) {
        schedule = LineSchedule(tasks, start: start)
        now = start
        self.start = start
        polls = tasks.map { _ in [] }
    }

    mutating func run(seconds: Int64) {
        let end = now + seconds * Self.second
        while now < end {
            switch schedule.next(now: now) {
            case .wait(let until): now = min(max(until, now + 1), end)
            case .poll(let index):
                let unit = schedule.task(index).unit
                let began = now
                let isAnswered = !dead.contains(unit) && !unknown.contains(index)
                now += isAnswered ? latency(unit) : timeout
                schedule.finished(index, isAnswered ? .answered : .failed, began: began, ended: now)
                polls[index].append((began, isAnswered))
                order.append(index)
            }
        }
    }

    func answers(of index: Int, since: Int64) -> [Int64] {
        polls[index].filter { $0.isAnswered && $0.began >= since }.map(\.began)
    }

    /// The mean time from one answer to the next.
    func achieved(_ index: Int, since: Int64) -> Double {
        let answers = answers(of: index, since: since)
        guard answers.count > 1 else { return .infinity }
        return Double(answers[answers.count - 1] - answers[0]) / Double(answers.count - 1) / Double(Self.second)
    }

    /// The share of the line's time that went to units without answer.
    func wasted(since: Int64) -> Double {
        let attempts = polls.flatMap(\.self).count { !$0.isAnswered && $0.began >= since }
        return Double(Int64(attempts) * timeout) / Double(now - since)
    }
}

func task(_ unit: UInt8, _ period: Duration) -> LineSchedule.Task { LineSchedule.Task(unit: unit, period: period) }
