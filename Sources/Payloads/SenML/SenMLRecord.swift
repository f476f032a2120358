import CSimdjson
import Readings

/// What a record of SenML says, by its labels; the base fields hold for the records after it too.
struct SenMLRecord {
    enum Label: CaseIterable {
        case baseName, baseTime, baseUnit, baseValue, baseSum, version
        case name, unit, value, string, boolean, data, sum, time, updateTime

        private var text: StaticString {
            switch self {
            case .baseName: "bn"
            case .baseTime: "bt"
            case .baseUnit: "bu"
            case .baseValue: "bv"
            case .baseSum: "bs"
            case .version: "bver"
            case .name: "n"
            case .unit: "u"
            case .value: "v"
            case .string: "vs"
            case .boolean: "vb"
            case .data: "vd"
            case .sum: "s"
            case .time: "t"
            case .updateTime: "ut"
            }
        }

        /// Their bytes as a number: one comparison each.
        private static let packed = allCases.map { label in
            label.text.withUTF8Buffer { (pack(UnsafeRawBufferPointer($0)), label) }
        }

        private static func pack(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
            bytes.reduce(0) { $0 << 8 | UInt32($1) }
        }

        init?(_ key: UnsafeRawBufferPointer) {
            guard (1...4).contains(key.count) else { return nil }
            let wanted = Self.pack(key)
            guard let found = Self.packed.first(where: { $0.0 == wanted }) else { return nil }
            self = found.1
        }
    }

    /// In bytes.
    static let longestName = 256
    static let longestUnit = 64

    // In force from where they stand to the end of the pack.
    private var baseName: [UInt8] = []
    private var baseUnit: [UInt8] = []
    private var baseTime = 0.0
    private var baseValue = 0.0
    private var baseSum = 0.0

    // Of this record.
    private var ownName: [UInt8] = []
    private var ownUnit: [UInt8] = []
    private var ownTime = 0.0
    private(set) var value: Value?
    private var ownSum: Double?

    mutating func startPack() {
        baseName.removeAll(keepingCapacity: true)
        baseUnit.removeAll(keepingCapacity: true)
        (baseTime, baseValue, baseSum) = (0, 0, 0)
        startRecord()
    }

    mutating func startRecord() {
        ownName.removeAll(keepingCapacity: true)
        ownUnit.removeAll(keepingCapacity: true)
        ownTime = 0
        value = nil
        ownSum = nil
    }

    /// False where the value is not of the type that its label has.
    mutating func take(_ label: Label, _ value: cjson_value) -> Bool {
        switch label {
        case .baseName: Self.take(value, into: &baseName, atMost: Self.longestName)
        case .name: Self.take(value, into: &ownName, atMost: Self.longestName)
        case .baseUnit: Self.take(value, into: &baseUnit, atMost: Self.longestUnit)
        case .unit: Self.take(value, into: &ownUnit, atMost: Self.longestUnit)
        case .baseTime: Self.take(value, into: &baseTime)
        case .time: Self.take(value, into: &ownTime)
        case .baseValue: Self.take(value, into: &baseValue)
        case .baseSum: Self.take(value, into: &baseSum)
        case .sum: takeSum(value)
        case .value, .boolean, .string, .data: takeValue(label, value)
        // The version is looked at before; when the next value will come is of no use here.
        case .version, .updateTime: value.number64 != nil
        }
    }

    private mutating func takeSum(_ value: cjson_value) -> Bool {
        ownSum = value.number64
        return ownSum != nil
    }

    private mutating func takeValue(_ label: Label, _ value: cjson_value) -> Bool {
        switch (label, value.kind) {
        case (.boolean, .bool): self.value = .number(value.boolean ? 1 : 0)
        case (.string, .string), (.data, .string):
            guard value.string.count <= TextPayload.longest else { return false }
            self.value = .text(String(decoding: value.string, as: UTF8.self))
        case (.value, _):
            // With its base only at the end: that may stand behind it.
            guard let number = value.number64 else { return false }
            self.value = .number(number)
        default: return false
        }
        return true
    }

    private static func take(_ value: cjson_value, into text: inout [UInt8], atMost limit: Int) -> Bool {
        guard value.kind == .string, value.string.count <= limit else { return false }
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: value.string)
        return true
    }

    private static func take(_ value: cjson_value, into number: inout Double) -> Bool {
        guard let taken = value.number64 else { return false }
        number = taken
        return true
    }

    // MARK: - What it comes to

    /// Appends the whole name; false where it is none.
    func appendName(to key: inout [UInt8]) -> Bool {
        let start = key.count
        key.append(contentsOf: baseName)
        key.append(contentsOf: ownName)
        guard let first = key[start...].first, Self.isLetterOrDigit(first) else { return false }
        return key[start...].allSatisfy { Self.isLetterOrDigit($0) || "-:./_".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    var unit: [UInt8] { ownUnit.isEmpty ? baseUnit : ownUnit }

    /// The value with its base.
    var resolvedValue: Value? {
        guard case .number(let number) = value else { return value }
        return .number(number + baseValue)
    }

    var sum: Double? { ownSum.map { $0 + baseSum } }

    /// Since 1970, or since now where it is below 2^28; 0 is now.
    var seconds: Double { baseTime + ownTime }
}

extension cjson_value {
    /// Nil where it is no number.
    var number64: Double? {
        switch kind {
        case .int64: Double(int64)
        case .uint64: Double(uint64)
        case .double: number
        case .null, .bool, .string, .container: nil
        }
    }
}
