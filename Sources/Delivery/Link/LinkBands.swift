/// How good the way to the far end is.
public enum LinkBand: Int, Sendable, CaseIterable, Comparable {
    case offline, poor, good, excellent

    public static func < (left: LinkBand, right: LinkBand) -> Bool { left.rawValue < right.rawValue }
}

/// `adaptive`: what a link has to be like to be in a band, and how often is sent then.
public struct LinkBands: Sendable, Hashable {
    public struct Band: Sendable, Hashable {
        public var every: Duration
        /// Bytes a second; at least.
        public var throughput: Double
        /// At most.
        public var latency: Duration
        /// At most: a share of the attempts.
        public var failures: Double

        public init(every: Duration, throughput: Double, latency: Duration, failures: Double) {
            self.every = every
            self.throughput = throughput
            self.latency = latency
            self.failures = failures
        }
    }

    public var excellent: Band
    public var good: Band
    /// What is in neither is poor, as long as no more than a share of the attempts fails.
    public var poorEvery: Duration
    public var poorFailures: Double

    public init(
        excellent: Band = Band(every: .seconds(10), throughput: 125_000, latency: .milliseconds(250), failures: 0.05),
        good: Band = Band(every: .seconds(30), throughput: 12_500, latency: .seconds(1), failures: 0.2),
        poorEvery: Duration = .seconds(300), poorFailures: Double = 0.8
    ) {
        self.excellent = excellent
        self.good = good
        self.poorEvery = poorEvery
        self.poorFailures = poorFailures
    }

    /// Nil where nothing is sent.
    func every(in band: LinkBand) -> Int64? {
        switch band {
        case .offline: nil
        case .poor: poorEvery.nanoseconds
        case .good: good.every.nanoseconds
        case .excellent: excellent.every.nanoseconds
        }
    }
}
