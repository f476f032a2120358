import Platform

/// How fast something arrives, for one who looks now and then at how much has come so far.
struct ArrivalMeter {
    private struct Sight {
        var count: Int
        var time: MonotonicTime
    }

    private let start: Sight
    /// When something had come for the first time, and for the last.
    private var first: Sight?
    private var last: Sight

    /// So much had come before it is to be measured.
    init(_ count: Int, at time: MonotonicTime) {
        start = Sight(count: count, time: time)
        last = start
    }

    mutating func see(_ count: Int, at time: MonotonicTime) {
        guard count != last.count else { return }
        last = Sight(count: count, time: time)
        if first == nil { first = last }
    }

    var arrived: Int { last.count - start.count }

    func silence(at time: MonotonicTime) -> Duration { time - last.time }

    /// A second, from the first sight of something to the last; nil when all was seen at once.
    var rate: Double? {
        guard let first, first.time < last.time else { return nil }
        return Double(last.count - first.count) / (last.time - first.time).inSeconds
    }
}
