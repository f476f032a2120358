import Synchronization

/// Counts up. Any thread, no lock.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Any thread, no lock.
public final class Gauge: Sendable {
    private let number = Atomic<Int>(0)

    public init() {}

    public func set(_ value: Int) { number.store(value, ordering: .relaxed) }
    public var value: Int { number.load(ordering: .relaxed) }
}

/// Counts durations in buckets of 1, 2, 4 ... microseconds.
public final class Histogram: Sendable {
    private struct State {
        /// One for each number of bits that a duration in microseconds can have.
        var buckets = [Int](repeating: 0, count: Int64.bitWidth)
        var sum: Int64 = 0
        var largest: Int64 = 0
    }

    private let state = Mutex(State())

    public func record(_ duration: Duration) {
        let microseconds = max(0, duration.nanoseconds / 1000)
        state.withLock { state in
            state.buckets[Int64.bitWidth - microseconds.leadingZeroBitCount] += 1
            state.sum += microseconds
            state.largest = max(state.largest, microseconds)
        }
    }

    public struct Summary: Sendable, Equatable {
        public var count = 0
        public var sum: Duration = .zero
        public var largest: Duration = .zero
        /// The upper edge of the bucket in which the quantile lies: at most twice too large.
        public var median: Duration = .zero
        public var p99: Duration = .zero
    }

    public var summary: Summary {
        let state = state.withLock { $0 }
        let count = state.buckets.reduce(0, +)
        let largest = Duration.microseconds(state.largest)
        func quantile(_ share: Double) -> Duration {
            var left = Int((Double(count) * share).rounded(.up))
            for (bucket, inBucket) in state.buckets.enumerated() {
                left -= inBucket
                if left <= 0 { return min(largest, .microseconds(Int64(1) << bucket)) }
            }
            return largest
        }
        return Summary(
            count: count, sum: .microseconds(state.sum), largest: largest, median: quantile(0.5), p99: quantile(0.99))
    }
}

/// Every number that the gateway shows of itself, each declared once with its help text and read while it runs.
public final class Metrics: Sendable {
    public enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        /// A gauge that is asked for when someone looks.
        case computed(@Sendable () -> Double)
    }

    public struct Entry: Sendable {
        public let name: String
        public let help: String
        public let labels: [String: String]
        public let instrument: Instrument
    }

    private let all = Mutex<[Entry]>([])

    public init() {}

    public func counter(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> Counter {
        let counter = Counter()
        add(name, help, labels, .counter(counter))
        return counter
    }

    public func gauge(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> Gauge {
        let gauge = Gauge()
        add(name, help, labels, .gauge(gauge))
        return gauge
    }

    public func histogram(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> Histogram {
        let histogram = Histogram()
        add(name, help, labels, .histogram(histogram))
        return histogram
    }

    public func computed(
        _ name: String, _ help: String, _ labels: [String: String] = [:], _ value: @escaping @Sendable () -> Double
    ) {
        add(name, help, labels, .computed(value))
    }

    /// In the order of declaration.
    public var entries: [Entry] { all.withLock { $0 } }

    private func add(_ name: String, _ help: String, _ labels: [String: String], _ instrument: Instrument) {
        all.withLock { entries in
            for entry in entries where entry.name == name {
                guard entry.help == help, entry.labels != labels else {
                    fatalError("the metric \(name) is declared twice")
                }
            }
            entries.append(Entry(name: name, help: help, labels: labels, instrument: instrument))
        }
    }
}

/// What each part of the gateway says of its own state, for `outpost status`.
public final class Parts: Sendable {
    public enum State: String, Sendable { case starting, running, degraded, failed, stopped }

    public struct Report: Sendable {
        public var name: String
        public var state: State
        public var detail: String
        /// Microseconds since 1970.
        public var since: Int64
    }

    private let reports = Mutex<[Report]>([])
    private let clocks: Clocks

    public init(clocks: Clocks) { self.clocks = clocks }

    public func report(_ name: String, _ state: State, _ detail: String = "") {
        let now = clocks.wall()
        reports.withLock { reports in
            let index = reports.firstIndex { $0.name == name }
            if let index, reports[index].state == state, reports[index].detail == detail { return }
            let since = index.map { reports[$0].state == state ? reports[$0].since : now } ?? now
            let report = Report(name: name, state: state, detail: detail, since: since)
            if let index { reports[index] = report } else { reports.append(report) }
        }
    }

    /// Whether a report would say something new.
    public func isNews(_ name: String, _ state: State, _ detail: String) -> Bool {
        reports.withLock { reports in
            !reports.contains { $0.name == name && $0.state == state && $0.detail == detail }
        }
    }

    public var all: [Report] { reports.withLock { $0 } }
}

/// What every part of the gateway works with.
public struct Surroundings: Sendable {
    public let clocks: Clocks
    public let log: Log
    public let metrics: Metrics
    public let parts: Parts

    public init(clocks: Clocks = .system, log: Log) {
        self.clocks = clocks
        self.log = log
        metrics = Metrics()
        parts = Parts(clocks: clocks)
    }
}
