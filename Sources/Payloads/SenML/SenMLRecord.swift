import Readings

/// What a record of SenML says, by its labels; the base fields hold for the records after it too.
struct SenMLRecord {
    enum Label: CaseIterable {
        case baseName, baseTime, baseUnit, baseValue, baseSum, version
        case name, unit, value, string, boolean, data, sum, time, updateTime

        var text: StaticString {
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

        /// What packs in CBOR have in its place.
        private var number: Int64 {
            switch self {
            case .version: -1
            case .baseName: -2
            case .baseTime: -3
            case .baseUnit: -4
            case .baseValue: -5
            case .baseSum: -6
            case .name: 0
            case .unit: 1
            case .value: 2
            case .string: 3
            case .boolean: 4
            case .sum: 5
            case .time: 6
            case .updateTime: 7
            case .data: 8
            }
        }

        private static let numbered: [Label?] = (firstNumber...8).map { number in
            allCases.first { $0.number == number }
        }
        private static let firstNumber: Int64 = -6

        init?(number: Int64) {
            guard (Self.firstNumber...8).contains(number),
                let label = Self.numbered[Int(number - Self.firstNumber)]
            else { return nil }
            self = label
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
    mutating func take(_ label: Label, _ value: SenMLEntry.Value) -> Bool {
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
        case .version, .updateTime: value.isNumber
        }
    }

    private mutating func takeSum(_ value: SenMLEntry.Value) -> Bool {
        guard case .number(let number) = value else { return false }
        ownSum = number
        return true
    }

    private mutating func takeValue(_ label: Label, _ value: SenMLEntry.Value) -> Bool {
        switch (label, value) {
        case (.boolean, .boolean(let boolean)): self.value = .number(boolean ? 1 : 0)
        // With its base only at the end: that may stand behind it.
        case (.value, .number(let number)): self.value = .number(number)
        case (.string, .text(let text)), (.data, .text(let text)):
            guard text.count <= TextPayload.longest else { return false }
            self.value = .text(String(decoding: text, as: UTF8.self))
        case (.data, .bytes(let bytes)):
            guard bytes.count <= TextPayload.longest / 4 * 3 else { return false }
            self.value = .text(Self.base64URL(bytes))
        default: return false
        }
        return true
    }

    /// The text that a pack in JSON has for these bytes.
    private static func base64URL(_ bytes: UnsafeRawBufferPointer) -> String {
        let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let length = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: length) { text in
            var (bits, held, read) = (0, 0, 0)
            for place in 0..<length {
                if held < 6 {
                    bits = bits << 8 | (read < bytes.count ? Int(bytes[read]) : 0)
                    (held, read) = (held + 8, read + 1)
                }
                held -= 6
                text[place] = digits.utf8Start[bits >> held & 63]
            }
            return length
        }
    }

    private static func take(_ value: SenMLEntry.Value, into text: inout [UInt8], atMost limit: Int) -> Bool {
        guard case .text(let taken) = value, taken.count <= limit else { return false }
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: taken)
        return true
    }

    private static func take(_ value: SenMLEntry.Value, into number: inout Double) -> Bool {
        guard case .number(let taken) = value else { return false }
        number = taken
        return true
    }

    // MARK: - What it comes to

    func appendName(to key: inout [UInt8]) {
        key.append(contentsOf: baseName)
        key.append(contentsOf: ownName)
    }

    /// Whether a whole name is one.
    static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, isLetterOrDigit(first) else { return false }
        return name.allSatisfy { isLetterOrDigit($0) || "-:./_".utf8.contains($0) }
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

extension SenMLEntry.Value {
    fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}
