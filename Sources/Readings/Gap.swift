/// Readings that are not in the store although they arrived, or no longer.
public struct Gap: Sendable, Hashable {
    public enum Reason: String, Sendable {
        /// They came while the journal was full and its disk did not keep up.
        case overflow
        /// `max_size` was reached.
        case size
        /// The disk had less than `reserve` left.
        case reserve
        /// Their rows were damaged on the disk.
        case damage
    }

    public var source: String
    public var reason: Reason
    /// Of the readings' times, in microseconds since 1970.
    public var first: Int64
    public var last: Int64
    public var count: Int

    public init(source: String, reason: Reason, first: Int64, last: Int64, count: Int) {
        self.source = source
        self.reason = reason
        self.first = first
        self.last = last
        self.count = count
    }
}
