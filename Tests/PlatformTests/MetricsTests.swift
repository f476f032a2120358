import Platform
import TestSupport
import Testing

@Suite struct MetricsTests {
    private static func histogram() -> Histogram { Metrics().histogram("took", "Took.") }

    @Test func entriesComeInTheOrderOfDeclarationWithTheirValues() throws {
        let metrics = Metrics()
        let read = metrics.counter("read_total", "Read.", ["connection": "plant"])
        let other = metrics.counter("read_total", "Read.", ["connection": "hall"])
        let waiting = metrics.gauge("waiting", "Waiting.")
        metrics.computed("twice", "Twice what waits.") { Double(waiting.value * 2) }
        read.add()
        read.add(41)
        waiting.set(-7)
        #expect(metrics.entries.map(\.name) == ["read_total", "read_total", "waiting", "twice"])
        #expect(metrics.entries.map(\.help) == ["Read.", "Read.", "Waiting.", "Twice what waits."])
        #expect(metrics.entries[1].labels == ["connection": "hall"])
        #expect(other.value == 0)
        guard case .counter(let counter) = metrics.entries[0].instrument,
            case .gauge(let gauge) = metrics.entries[2].instrument,
            case .computed(let twice) = metrics.entries[3].instrument
        else {
            Issue.record("an instrument is of another kind")
            return
        }
        #expect(counter.value == 42)
        #expect(gauge.value == -7)
        #expect(twice() == -14)
    }

    @Test func aMetricDeclaredTwiceIsAMistakeOfTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let metrics = Metrics()
            _ = metrics.counter("x", "Help.", ["a": "1"])
            _ = metrics.gauge("x", "Help.", ["a": "1"])
        }
        await #expect(processExitsWith: .failure) {
            let metrics = Metrics()
            _ = metrics.counter("x", "Help.", ["a": "1"])
            _ = metrics.counter("x", "Other help.", ["a": "2"])
        }
    }

    @Test func severalThreadsLoseNoCount() throws {
        let (counter, histogram) = (Metrics().counter("read", "Read."), Self.histogram())
        try onThreads(4) { thread in
            for number in 0..<10_000 {
                counter.add(thread)
                histogram.record(.microseconds(number))
            }
        }
        #expect(counter.value == 60_000)
        #expect(histogram.summary.count == 40_000)
        #expect(histogram.summary.sum == .microseconds(4 * 49_995_000))
    }

    @Test func anEmptyHistogramIsAllZeros() {
        let summary = Self.histogram().summary
        #expect(summary.count == 0)
        #expect([summary.sum, summary.largest, summary.median, summary.p99] == [.zero, .zero, .zero, .zero])
    }

    /// Each quantile is at least the true one, at most twice it, and no larger than anything that was measured.
    @Test func quantilesBracketTheTruth() {
        for _ in 0..<200 {
            let seed = UInt64.random(in: 0 ... .max)
            var generator = SeededGenerator(seed: seed)
            // From a microsecond to eleven days, at all scales alike.
            let durations = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                Int64.random(in: 0...(1 << Int64.random(in: 0...40, using: &generator)), using: &generator)
            }
            let histogram = Self.histogram()
            for duration in durations { histogram.record(.microseconds(duration)) }
            let summary = histogram.summary
            let sorted = durations.sorted()
            #expect(summary.count == durations.count, "seed \(seed)")
            #expect(summary.sum == .microseconds(durations.reduce(0, +)), "seed \(seed)")
            #expect(summary.largest == .microseconds(sorted.last!), "seed \(seed)")
            for (found, percent) in [(summary.median, 50), (summary.p99, 99)] {
                let truth = Duration.microseconds(sorted[(sorted.count * percent + 99) / 100 - 1])
                #expect(found >= truth, "seed \(seed), \(percent) %")
                #expect(found <= min(max(truth * 2, .microseconds(1)), summary.largest), "seed \(seed), \(percent) %")
            }
        }
    }

    @Test func aDurationBelowZeroCountsAsZero() {
        let histogram = Self.histogram()
        histogram.record(.seconds(-5))
        #expect(histogram.summary.count == 1)
        #expect(histogram.summary.sum == .zero)
        #expect(histogram.summary.median == .zero)
    }
}

@Suite struct PartsTests {
    @Test func aStateKeepsItsBeginningWhileItsDetailChanges() {
        let clock = VirtualClock()
        let parts = Parts(clocks: clock.clocks)
        clock.setWall(1)
        parts.report("journal", .starting)
        parts.report("mqtt plant", .running)
        clock.setWall(2)
        parts.report("journal", .degraded, "disk full")
        clock.setWall(3)
        parts.report("journal", .degraded, "disk still full")
        parts.report("mqtt plant", .running)
        #expect(parts.all.map(\.name) == ["journal", "mqtt plant"])
        #expect(parts.all.map(\.state) == [.degraded, .running])
        #expect(parts.all.map(\.detail) == ["disk still full", ""])
        #expect(parts.all.map(\.since) == [2, 1])
        parts.report("journal", .running)
        #expect(parts.all[0].since == 3)
        #expect(parts.all[0].detail == "")
    }
}
