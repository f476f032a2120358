/// What a device is asked to give: registers of one table, or bits, that stand side by side.
public struct ReadRequest: Sendable, Hashable {
    public var unit: UInt8
    public var table: RegisterTable
    /// On the wire, from 0.
    public var first: UInt16
    public var count: UInt16

    public init(unit: UInt8, table: RegisterTable, first: UInt16, count: UInt16) {
        self.unit = unit
        self.table = table
        self.first = first
        self.count = count
    }
}

/// What a device is asked for.
public enum ModbusRequest: Sendable, Hashable {
    case read(ReadRequest)
    case writeCoil(unit: UInt8, address: UInt16, isOn: Bool)
    /// 1 to 123 of them.
    case writeRegisters(unit: UInt8, first: UInt16, values: [UInt16])
}

extension ModbusRequest {
    public var unit: UInt8 {
        switch self {
        case .read(let request): request.unit
        case .writeCoil(let unit, _, _), .writeRegisters(let unit, _, _): unit
        }
    }

    var function: UInt8 {
        switch self {
        case .read(let request): request.table.readFunction
        case .writeCoil: 5
        case .writeRegisters(_, _, let values): values.count == 1 ? 6 : 16
        }
    }

    /// Function and data, without unit and checks.
    var body: [UInt8] {
        switch self {
        case .read(let request): [function] + request.first.bytes + request.count.bytes
        case .writeCoil(_, let address, let isOn): [function] + address.bytes + [isOn ? 0xFF : 0, 0]
        case .writeRegisters(_, let first, let values) where values.count == 1:
            [function] + first.bytes + values[0].bytes
        case .writeRegisters(_, let first, let values):
            [function] + first.bytes + UInt16(values.count).bytes + [UInt8(values.count * 2)] + values.flatMap(\.bytes)
        }
    }

    /// How many bytes the right answer has, function and data.
    var answerLength: Int {
        switch self {
        case .read(let request): 2 + request.dataLength
        case .writeCoil, .writeRegisters: 5
        }
    }
}

extension ReadRequest {
    var addresses: Range<Int> { Int(first)..<(Int(first) + Int(count)) }

    var dataLength: Int { table.isBits ? (Int(count) + 7) / 8 : 2 * Int(count) }
}

extension UInt16 {
    /// The higher one first, as they go over the wire.
    var bytes: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
