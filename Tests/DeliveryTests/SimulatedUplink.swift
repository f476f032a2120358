import TestSupport

@testable import Delivery

/// A timer in virtual time, with all that happens to it.
struct SimulatedUplink {
    static let second: Int64 = 1_000_000_000
    static let minute = 60 * second
    static let hour = 3600 * second

    var timer: SendTimer
    var random: SeededGenerator
    var zone = Zone.utc
    var now: Int64
    /// What the wall clock shows is the moment, in microseconds, and so much.
    var wallAhead: Int64
    var isAllowed = true
    var hasWork = true
    var duration: Int64 = second / 10
    var outcome: SendTimer.Outcome = .arrived
    var measured: (bytes: Int, duration: Int64, latency: Int64)?

    /// When attempts and probes began.
    private(set) var sent: [Int64] = []
    private(set) var probed: [Int64] = []
    /// How often the timer was asked.
    private(set) var asked = 0

    init(_ kind: SendSchedule.Kind, windows: [String] = [], gateway: String = "g", seed: UInt64 = 0) throws {
        now = 1000 * Self.second
        wallAhead = utc(2024, 1, 15) - now / 1000
        random = SeededGenerator(seed: seed)
        let schedule = SendSchedule(kind, windows: try windows.map { try SendWindow(parsing: $0) })
        timer = SendTimer(schedule, gateway: gateway, start: now)
    }

    var wall: Int64 { now / 1000 + wallAhead }

    private var state: SendTimer.Now {
        SendTimer.Now(monotonic: now, wall: wall, isAllowed: isAllowed, hasWork: hasWork)
    }

    /// As the thread of an uplink would.
    mutating func run(for duration: Int64) {
        let end = now + duration
        while now < end {
            asked += 1
            switch timer.next(state, offset: zone.offset) {
            case .wait(let until): now = min(max(until, now + 1), end)
            case .send:
                sent.append(now)
                finish()
            case .probe:
                probed.append(now)
                finish()
            }
        }
    }

    private mutating func finish() {
        now += duration
        if let measured, outcome == .arrived {
            timer.measured(bytes: measured.bytes, duration: measured.duration, latency: measured.latency)
        }
        timer.finished(outcome, at: now, using: &random)
    }

    /// Wall times of the attempts since a moment of the monotonic clock.
    func walls(since start: Int64 = .min) -> [Int64] { sent.filter { $0 >= start }.map { $0 / 1000 + wallAhead } }

    mutating func forget() { (sent, probed, asked) = ([], [], 0) }
}
