/// A message that gave no reading: what it was, why, and how often. One for each source, topic and reason.
public struct DeadLetter: Sendable, Hashable {
    public struct Key: Sendable, Hashable {
        public var source: String
        public var topic: String
        public var reason: String
    }

    /// How much of a topic and of a payload is kept.
    public static let longestHead = 256

    public var key: Key
    public var detail: String
    public var payloadHead: [UInt8]
    public var count: Int
    /// Microseconds since 1970, of the first and of the latest one.
    public var first: Int64
    public var last: Int64

    public init(
        source: String, topic: UnsafeBufferPointer<UInt8>, reason: String, detail: String,
        payload: UnsafeRawBufferPointer, time: Int64
    ) {
        key = Key(
            source: source, topic: String(decoding: topic.prefix(Self.longestHead), as: UTF8.self), reason: reason)
        self.detail = detail
        payloadHead = Array(payload.prefix(Self.longestHead))
        count = 1
        first = time
        last = time
    }

    /// The same again: the latest payload is the one to look at.
    public mutating func add(_ later: DeadLetter) {
        count += later.count
        detail = later.detail
        payloadHead = later.payloadHead
        last = max(last, later.last)
    }
}
