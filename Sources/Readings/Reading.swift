/// One value of one series at one moment, and how far it can be trusted.
public struct Reading: Sendable, Hashable {
    public var series: SeriesID
    public var time: Timestamp
    public var value: Value
    public var quality: Quality

    @inlinable
    public init(series: SeriesID, time: Timestamp, value: Value, quality: Quality = .good) {
        self.series = series
        self.time = time
        self.value = value
        self.quality = quality
    }
}

extension Reading {
    /// Nobody can tell from it how things are.
    public var isBad: Bool {
        switch quality {
        case .good, .uncertain, .substituted: break
        case .stale, .communicationError, .deviceException, .outOfRange: return true
        }
        return switch value {
        case .number(let number): number.isNaN
        case .text: false
        case .absent: true
        }
    }
}

/// What was read. A failed read is `absent`: never 0 and never the last value again.
public enum Value: Sendable {
    case number(Double)
    case text(String)
    case absent

    /// A state, not a document: inputs refuse longer texts, in bytes, so that what waits for the disk has a bound.
    public static let longestText = 4096
}

/// Numbers are the same value when they are the same 64 bits, so NaN equals itself and -0 is not 0:
/// the store promises bits, and its tests compare them.
extension Value: Hashable {
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a.bitPattern == b.bitPattern
        case (.text(let a), .text(let b)): ExactText(a) == ExactText(b)
        case (.absent, .absent): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number.bitPattern)
        case .text(let text): hasher.combine(ExactText(text))
        case .absent: hasher.combine(-1)
        }
    }
}

/// Stored as its raw value: never renumber.
public enum Quality: UInt8, Sendable, CaseIterable {
    case good = 0
    case uncertain = 1
    case stale = 2
    case communicationError = 3
    case deviceException = 4
    case outOfRange = 5
    case substituted = 6

    /// The word in CSV, SQL and JSON.
    public var name: String {
        switch self {
        case .good: "good"
        case .uncertain: "uncertain"
        case .stale: "stale"
        case .communicationError: "communication_error"
        case .deviceException: "device_exception"
        case .outOfRange: "out_of_range"
        case .substituted: "substituted"
        }
    }

    public init?(name: some StringProtocol) {
        guard let quality = Quality.allCases.first(where: { $0.name == name }) else { return nil }
        self = quality
    }
}

/// The number of a series in the catalogue of one gateway: dense from 0, and kept for good.
public struct SeriesID: Sendable, Hashable, Comparable {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public static func < (left: SeriesID, right: SeriesID) -> Bool { left.rawValue < right.rawValue }
}
