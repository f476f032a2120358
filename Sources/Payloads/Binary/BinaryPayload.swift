import Readings

/// A layout, and what its fields add to the name of the series; a single field need not add anything.
public struct BinaryMapping: Sendable, Hashable {
    public var layout: BinaryLayout
    public var names: [String]

    public init(layout: BinaryLayout, names: [String] = []) {
        self.layout = layout
        self.names = names
    }

    var fields: [PayloadField] {
        names.isEmpty ? [PayloadField()] : names.map { PayloadField(suffix: $0) }
    }
}

/// A payload of bytes that a layout tells the meaning of. One of another length is refused: it is of another layout.
struct BinaryPayload {
    private let mapping: BinaryMapping

    init(_ mapping: BinaryMapping) { self.mapping = mapping }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        let layout = mapping.layout
        guard payload.count == layout.byteCount else {
            return PayloadProblem(.wrongSize, "\(payload.count) bytes, where the layout has \(layout.byteCount)")
        }
        var problem: PayloadProblem?
        for (index, field) in layout.fields.enumerated() {
            let raw = number(field, payload)
            let number = field.factor == 1 ? raw : raw * field.factor
            if number.isFinite {
                readings.append(DecodedReading(field: index, value: .number(number)))
            } else {
                problem = problem ?? notFinite(index)
            }
        }
        return problem
    }

    private func number(_ field: BinaryLayout.Field, _ payload: UnsafeRawBufferPointer) -> Double {
        func bits(_ count: Int) -> UInt64 { self.bits(payload, field.offset, count) }
        return switch field.kind {
        case .unsigned(let bytes): Double(bits(bytes))
        case .signed(let bytes):
            // Up to the sign bit and back.
            Double(Int64(bitPattern: bits(bytes) << UInt64(64 - 8 * bytes)) >> Int64(64 - 8 * bytes))
        case .float: Double(Float(bitPattern: UInt32(bits(4))))
        case .double: Double(bitPattern: bits(8))
        case .bit(let bit): payload[field.offset] >> UInt8(bit) & 1 == 1 ? 1 : 0
        }
    }

    private func bits(_ payload: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> UInt64 {
        var result: UInt64 = 0
        for index in 0..<count {
            let byte = payload[offset + (mapping.layout.isBigEndian ? index : count - 1 - index)]
            result = result << 8 | UInt64(byte)
        }
        return result
    }

    private func notFinite(_ field: Int) -> PayloadProblem {
        PayloadProblem(
            .notFinite, field: mapping.names.isEmpty ? "\(field)" : mapping.names[field], "not a finite number")
    }
}
