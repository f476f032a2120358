import TestSupport
import Testing

@testable import Alarms

/// Every moment is looked at, and the whole past for each of them.
struct SlowDelayedLevel {
    let onDelay: Int
    let offDelay: Int
    var raw: [UInt8] = []
    var standing: [UInt8] = []
    /// All that it has been at, over all beginnings, what lasted for no time at all included.
    private(set) var all: [UInt8] = []

    init(onDelay: Int, offDelay: Int) {
        self.onDelay = onDelay
        self.offDelay = offDelay
    }

    /// Anew, at a level.
    mutating func begin(_ level: UInt8) {
        (raw, standing) = ([level], [level])
    }

    /// What is due at a moment comes before what changes at it.
    mutating func pass(_ level: UInt8) {
        raw.append(raw.last ?? 0)
        let due = (1...4).last { isUp($0, standing.last ?? 0) } ?? 0
        raw[raw.count - 1] = level
        standing.append((1...4).last { isUp($0, due) } ?? 0)
        all += [due, standing[standing.count - 1]]
    }

    private func isUp(_ level: UInt8, _ before: UInt8) -> Bool {
        let now = raw.count - 1
        if before >= level {
            // It goes once the condition has been below it for the whole delay.
            let back = raw.lastIndex { $0 >= level }
            return back == now || now - ((back ?? -1) + 1) < offDelay
        }
        let below = raw.lastIndex { $0 < level } ?? -1
        return below < now && now - (below + 1) >= onDelay
    }
}

@Suite struct DelayedLevelTests {
    @Test(arguments: 0..<300 as Range<UInt64>) func asAModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (on, off) = (Int.random(in: 0...12, using: &random), Int.random(in: 0...12, using: &random))
        var slow = SlowDelayedLevel(onDelay: on, offDelay: off)
        var quick = DelayedLevel(onDelay: Int64(on), offDelay: Int64(off), standing: 0, at: .min / 4)
        var level: UInt8 = 0
        for moment in 0..<400 {
            if Int.random(in: 0..<6, using: &random) == 0 { level = .random(in: 0...3, using: &random) }
            slow.pass(level)
            quick.advance(to: Int64(moment))
            if level != quick.raw { quick.set(level, at: Int64(moment)) }
            // Looking changes nothing.
            if Bool.random(using: &random) { quick.advance(to: Int64(moment)) }
            #expect(quick.standing == slow.standing[moment], "seed \(seed), delays \(on) \(off), moment \(moment)")
            if let due = quick.due { #expect(due > moment) }
        }
    }

    /// Only looked at when it says, and as late as one likes: the same becomes of it.
    @Test(arguments: 0..<100 as Range<UInt64>) func whatIsDue(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (on, off) = (Int64.random(in: 0...50, using: &random), Int64.random(in: 0...50, using: &random))
        var watched = DelayedLevel(onDelay: on, offDelay: off, standing: 0, at: .min / 4)
        var patient = watched
        var moment: Int64 = 0
        for _ in 0..<200 {
            let level = UInt8.random(in: 0...3, using: &random)
            let next = moment + .random(in: 0...40, using: &random)
            while let due = patient.due, due <= next { patient.advance(to: due) }
            for millisecond in moment...next { watched.advance(to: millisecond) }
            watched.set(level, at: next)
            patient.set(level, at: next)
            #expect(watched.standing == patient.standing, "seed \(seed)")
            moment = next
        }
    }
}
