/// `on_delay` and `off_delay`: a level stands once the condition has been at it for so long, and goes once it has not for so
/// long. Moments are nanoseconds that do not go back.
struct DelayedLevel {
    private let onDelay: Int64
    private let offDelay: Int64
    /// Of the condition.
    private(set) var raw: UInt8
    private(set) var standing: UInt8
    private var moment: Int64
    private static let levels = AlarmLevel.notice.rawValue...AlarmLevel.emergency.rawValue

    /// By level, from the first one on: since when the condition has been at it or worse, or below it.
    private var reachedSince: SIMD4<Int64>
    private var leftSince: SIMD4<Int64>

    init(onDelay: Int64, offDelay: Int64, standing: UInt8, at moment: Int64) {
        self.onDelay = onDelay
        self.offDelay = offDelay
        raw = standing
        self.standing = standing
        self.moment = moment
        reachedSince = SIMD4(repeating: moment)
        leftSince = SIMD4(repeating: moment)
    }

    /// What the condition says from a moment on. What was due before that is to be taken first: see `advance`.
    mutating func set(_ level: UInt8, at moment: Int64) {
        let moment = max(moment, self.moment)
        self.moment = moment
        for other in Self.levels {
            if level >= other, raw < other { reachedSince[Int(other) - 1] = moment }
            if level < other, raw >= other { leftSince[Int(other) - 1] = moment }
        }
        raw = level
        advance(to: moment)
    }

    /// What was at it until now has to last as long anew.
    mutating func restart(at moment: Int64) {
        self.moment = max(moment, self.moment)
        reachedSince = SIMD4(repeating: self.moment)
        leftSince = SIMD4(repeating: self.moment)
        standing = 0
        advance(to: self.moment)
    }

    /// A moment at which nothing has changed is forgotten: what old readings have to tell of may lie before it.
    mutating func advance(to moment: Int64) {
        let moment = max(moment, self.moment)
        var level: UInt8 = 0
        for other in Self.levels {
            let index = Int(other) - 1
            let isUp = raw >= other && (standing >= other || moment - reachedSince[index] >= onDelay)
            let isHeld = raw < other && standing >= other && moment - leftSince[index] < offDelay
            if isUp || isHeld { level = other }
        }
        guard level != standing else { return }
        standing = level
        self.moment = moment
    }

    /// When it changes by itself; nil: it does not.
    var due: Int64? {
        var due: Int64?
        for level in Self.levels {
            let index = Int(level) - 1
            if raw >= level, standing < level { due = min(due ?? .max, reachedSince[index] + onDelay) }
            if raw < level, standing >= level { due = min(due ?? .max, leftSince[index] + offDelay) }
        }
        return due
    }
}
