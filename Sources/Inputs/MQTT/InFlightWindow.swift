import Mosquitto
import Platform

/// How many messages a broker sends before it wants to hear of them, and so when a commit cannot wait for its turn.
///
/// At MQTT 5 we say how many; but brokers have limits of their own that they tell nobody (20, 32 and 100 are common),
/// and with commits half a second apart that is all that would pass in it. Such a limit shows itself: commit after
/// commit finds the same number waiting, and nothing more comes. A limit inferred so costs no additional commits when
/// it is wrong: it counts only while nothing comes, and one message beyond it disproves it.
struct InFlightWindow {
    /// Fewer are taken for slow traffic.
    private static let smallest = 8
    /// Nothing has come for so long: the broker waits, or has nothing to say.
    static let quiet: Duration = .milliseconds(10)
    /// What brokers allow when nobody asks.
    private static let withoutMQTT5 = 20

    /// The limit that both sides know of.
    private let agreed: Int
    private(set) var inferred: Int?
    private var peak = 0
    private var lastPeak = 0

    init(_ version: ProtocolVersion) {
        agreed = version == .v5 ? Client.receiveMaximum : Self.withoutMQTT5
    }

    /// So many messages are read and not acknowledged.
    mutating func note(waiting: Int) {
        peak = max(peak, waiting)
        if let inferred, waiting > inferred { self.inferred = nil }
    }

    /// Acknowledgements have left.
    mutating func noteRelease() {
        if peak >= Self.smallest, peak == lastPeak { inferred = peak }
        lastPeak = peak
        peak = 0
    }

    /// Whether the broker waits for us; `silence` is how long nothing has come.
    func isUsedUp(waiting: Int, silence: Duration) -> Bool {
        if waiting >= agreed / 2 { return true }
        return isInferredFull(waiting: waiting) && silence >= Self.quiet
    }

    /// Whether the end of the quiet time has to be watched for.
    func isInferredFull(waiting: Int) -> Bool { inferred.map { waiting >= $0 } ?? false }
}
