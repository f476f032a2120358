/// The readings of all series of a profile in the order in which they arrive, without an end.
struct BenchReadings {
    private struct Source {
        let series: Int32
        var random: BenchRandom
        var clock: BenchClock
        var signal: BenchSignal
        var time: Int64

        init(_ series: Int, _ profile: BenchProfile, seed: UInt64) {
            self.series = Int32(series)
            let interval = profile.interval(of: series)
            // A generator for each, so that a series does not depend on when others have theirs.
            var seeds = BenchRandom(seed: seed &+ UInt64(series) << 32)
            random = BenchRandom(seed: seeds.next())
            clock = BenchClock(interval: interval, isPolled: series % 2 == 0, &random)
            signal = BenchSignal(BenchKind(of: series), interval: interval, &random)
            time = clock.next(&random)
        }

        mutating func take() -> BenchReading {
            defer { time = clock.next(&random) }
            return BenchReading(series: series, milliseconds: time, value: signal.next(at: time, &random))
        }

        func isBefore(_ other: Source) -> Bool { (time, series) < (other.time, other.series) }
    }

    /// A heap: none comes before the one at half its index.
    private var sources: [Source]

    init(_ profile: BenchProfile, seed: UInt64) {
        sources = (0..<BenchProfile.seriesCount).map { Source($0, profile, seed: seed) }
        // In order is a heap too.
        sources.sort { $0.isBefore($1) }
    }

    mutating func next() -> BenchReading {
        defer { sinkFirst() }
        return sources[0].take()
    }

    private mutating func sinkFirst() {
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < sources.count else { return }
            if child + 1 < sources.count, sources[child + 1].isBefore(sources[child]) { child += 1 }
            guard sources[child].isBefore(sources[index]) else { return }
            sources.swapAt(child, index)
            index = child
        }
    }
}
