import Readings

/// What became of a value that was to be written.
public struct WriteOutcome: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// The device has it: it was read back.
        case written
        /// It can never be written: no such point, or not this value.
        case refused
        /// Nothing was sent.
        case notTried = "not tried"
        /// The device has it not.
        case failed
        /// Something was sent, and nobody knows what the device made of it.
        case unknown = "not known"
    }

    public let kind: Kind
    /// Why, for people; empty where it was written.
    public let detail: String

    public init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }

    public static let written = WriteOutcome(.written)

    public var description: String { detail.isEmpty ? kind.rawValue : "\(kind.rawValue): \(detail)" }
}

extension AuditEntry {
    public init(
        time: Int64, modbusWriteOf value: String, to series: SeriesName, by: String, outcome: WriteOutcome
    ) {
        self.init(
            time: time, action: "modbus write", target: series.description, value: value, by: by,
            outcome: outcome.description)
    }
}
