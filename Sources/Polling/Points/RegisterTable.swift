/// The four tables of a Modbus device.
public enum RegisterTable: String, Sendable, CaseIterable {
    case coil
    case discrete
    case holding
    case input

    /// Single bits, not registers of 16.
    public var isBits: Bool { self == .coil || self == .discrete }

    public var isWritable: Bool { self == .coil || self == .holding }

    /// The function that reads it.
    public var readFunction: UInt8 {
        switch self {
        case .coil: 1
        case .discrete: 2
        case .holding: 3
        case .input: 4
        }
    }

    /// How many of them one answer can hold.
    public var mostAtOnce: Int { isBits ? 2000 : 125 }
}
