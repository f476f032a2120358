import Readings

/// All edge nodes whose messages come through one mapping. Owned by one thread; what it needs for a message it keeps for
/// the next.
///
/// A birth says which metrics an edge node or a device has; data speaks of them, mostly by the numbers that the birth has
/// given them; a death ends the birth. All messages of an edge node are in one sequence, so that a lost one is noticed: it
/// may have been a birth. What cannot be understood for want of a birth gives no readings, and the edge node is asked to be
/// born again.
public final class SparkplugDecoder {
    private let maxPayload: Int
    /// All that changes lies in one value, so that a message costs one check that nobody else is changing it.
    private var network = SparkplugNetwork()

    /// `maxPayload` is in bytes; a larger payload is refused before anything looks at it.
    public init(maxPayload: Int) { self.maxPayload = maxPayload }

    /// Grows while payloads are decoded, up to 65,536; a field keeps its place. The suffix is GROUP/NODE/METRIC or
    /// GROUP/NODE/DEVICE/METRIC; two fields may have the same, with different units.
    public var fields: [PayloadField] { network.fields }

    /// Appends what the payload says; the sound metrics are appended although others are not, and the first problem is
    /// returned. A payload that is no message at all changes nothing. A gap in the sequence is a problem, too, and the
    /// readings behind it are read: it is other messages that are missing.
    public func decode(
        _ payload: UnsafeRawBufferPointer, topic: SparkplugTopic, arrival: Timestamp,
        into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        guard !topic.kind.isCommand else { return nil }
        guard !payload.isEmpty else { return PayloadProblem(.empty, "no bytes") }
        guard payload.count <= maxPayload else { return PayloadProblem(size: payload.count, limit: maxPayload) }
        return network.take(payload, topic, arrival, into: &readings)
    }

    /// What has to be published so that edge nodes are born again. To be called every second or so and published at
    /// once; nothing nearly always. `now` counts from any moment, and never goes back.
    public func takeRebirthRequests(now: Duration) -> [(topic: String, payload: [UInt8])] {
        network.takeRebirthRequests(now: now)
    }
}
