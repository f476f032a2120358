/// Bytes that are not a whole batch as it was written.
public struct DamagedBatch: Error, Equatable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "damaged batch: \(reason)" }
}
