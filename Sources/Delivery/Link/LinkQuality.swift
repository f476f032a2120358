/// What the last attempts have shown of a link, and the band that it is in: each counts a quarter, and what was before it the
/// rest. A band is left as soon as the link is worse than it allows; a better one is entered once the link is better than it
/// asks for by a fifth, so that a link between two of them does not go to and fro.
public struct LinkQuality: Sendable, Hashable {
    private static let weight = 0.25
    private static let margin = 0.8
    /// What is smaller says nothing of how much fits through.
    private static let smallest = 4096

    private let bands: LinkBands
    /// A good one, until something is known.
    public private(set) var band = LinkBand.good
    /// Bytes a second; nil before anything was measured.
    public private(set) var throughput: Double?
    /// In nanoseconds, until the far end begins to answer.
    public private(set) var latency: Double?
    /// A share of the attempts.
    public private(set) var failures = 0.0

    public init(_ bands: LinkBands = LinkBands()) { self.bands = bands }

    /// Nanoseconds from one attempt to the next; nil: nothing is sent.
    public var interval: Int64? { bands.every(in: band) }

    /// How long what has arrived was under way, from its first byte to the answer, and how long an answer takes for which
    /// nothing has to be sent; both in nanoseconds.
    public mutating func measured(bytes: Int, duration: Int64, latency: Int64) {
        self.latency = Self.mean(self.latency, Double(max(0, latency)))
        if bytes >= Self.smallest, duration > 0 {
            throughput = Self.mean(throughput, Double(bytes) / Double(duration) * 1e9)
        }
    }

    public mutating func succeeded() {
        failures = Self.mean(failures, 0)
        judge()
        // It is there, however often it was not.
        band = max(band, .poor)
    }

    public mutating func failed() {
        failures = Self.mean(failures, 1)
        judge()
    }

    /// Another network, of which nothing is known yet: what stood in the way may be gone.
    public mutating func networkChanged() {
        guard band == .offline else { return }
        band = .poor
        failures = min(failures, bands.poorFailures)
    }

    private mutating func judge() {
        if fits(bands.excellent, isEntered: band < .excellent) {
            band = .excellent
        } else if fits(bands.good, isEntered: band < .good) {
            band = .good
        } else {
            let most = bands.poorFailures * (band < .poor ? Self.margin : 1)
            band = failures > most ? .offline : .poor
        }
    }

    /// What has not been measured stands in no way.
    private func fits(_ limits: LinkBands.Band, isEntered: Bool) -> Bool {
        let margin = isEntered ? Self.margin : 1
        return failures <= limits.failures * margin
            && throughput.map { $0 * margin >= limits.throughput } ?? true
            && latency.map { $0 <= Double(limits.latency.nanoseconds) * margin } ?? true
    }

    private static func mean(_ old: Double?, _ new: Double) -> Double {
        old.map { $0 + (new - $0) * weight } ?? new
    }
}
