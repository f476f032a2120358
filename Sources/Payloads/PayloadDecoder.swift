import Readings

/// What a payload says of one field; which series that is, and what `nil` as time means, is for the input to decide.
public struct DecodedReading: Sendable, Hashable {
    /// An index into the decoder's `fields`.
    public var field: Int
    /// Nil where the payload gives none.
    public var time: Timestamp?
    public var value: Value
    public var quality: Quality

    public init(field: Int, time: Timestamp? = nil, value: Value, quality: Quality = .good) {
        self.field = field
        self.time = time
        self.value = value
        self.quality = quality
    }
}

/// Turns the payloads of one mapping into readings. Owned by one thread; what it needs for a payload it keeps for the
/// next.
public final class PayloadDecoder {
    /// What each field adds to the name of its series; nil: nothing.
    public private(set) var fields: [String?]

    private enum Format {
        case number
        case json(JSONPayload)
    }

    private let format: Format
    private let maxPayload: Int

    /// `maxPayload` is in bytes; a larger payload is refused before anything looks at it.
    public init(_ format: PayloadFormat, maxPayload: Int) {
        self.maxPayload = maxPayload
        switch format {
        case .number:
            fields = [nil]
            self.format = .number
        case .json(let mapping):
            fields = mapping.fields.map(\.suffix)
            self.format = .json(JSONPayload(mapping, maxPayload: maxPayload))
        }
    }

    /// Appends what the payload says. Of a payload with several fields the sound ones are appended although others
    /// are not; the first problem is returned.
    public func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        guard !payload.isEmpty else { return PayloadProblem(.empty, "no bytes") }
        guard payload.count <= maxPayload else { return PayloadProblem(size: payload.count, limit: maxPayload) }
        switch format {
        case .number: return NumberPayload.decode(payload, into: &readings)
        case .json(let json): return json.decode(payload, into: &readings)
        }
    }
}
