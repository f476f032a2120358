/// From one moment to another, both included; in microseconds since 1970.
public struct TimeRange: Sendable, Hashable {
    public var first: Int64
    public var last: Int64

    public init(first: Int64 = .min, last: Int64 = .max) {
        self.first = first
        self.last = last
    }

    @inlinable
    public func contains(_ time: Int64) -> Bool { first <= time && time <= last }
}
