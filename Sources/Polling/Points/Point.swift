import Readings

/// One value of a device: where it lies, and what its bits mean.
public struct Point: Sendable, Hashable {
    public var table: RegisterTable
    /// On the wire, from 0.
    public var address: UInt16
    public var type: RegisterType
    public var order: ByteOrder
    /// Of a text, in registers.
    public var textLength: Int
    /// These bits of a whole number alone, of which 0 is the lowest.
    public var bits: ClosedRange<Int>?
    /// A number becomes number * scale + offset.
    public var scale: Double
    public var offset: Double
    /// A register of the same table that holds the power of ten by which the number is to be multiplied.
    public var scaleRegister: UInt16?
    /// Whole numbers that are states.
    public var labels: [Int64: String]
    /// Bits that say that there is no value.
    public var invalid: Set<UInt64>
    /// Numbers outside of it keep their value and are `outOfRange`.
    public var valid: ClosedRange<Double>?
    public var every: Duration
    public var isWritable: Bool

    public init(
        table: RegisterTable, address: UInt16, type: RegisterType, order: ByteOrder? = nil, textLength: Int = 1,
        bits: ClosedRange<Int>? = nil, scale: Double = 1, offset: Double = 0, scaleRegister: UInt16? = nil,
        labels: [Int64: String] = [:], invalid: Set<UInt64> = [], valid: ClosedRange<Double>? = nil,
        every: Duration = .seconds(1), isWritable: Bool = false
    ) {
        self.table = table
        self.address = address
        self.type = type
        self.order = order ?? .plain(byteCount: type.byteCount ?? 2)
        self.textLength = textLength
        self.bits = bits
        self.scale = scale
        self.offset = offset
        self.scaleRegister = scaleRegister
        self.labels = labels
        self.invalid = invalid
        self.valid = valid
        self.every = every
        self.isWritable = isWritable
    }

    /// How many registers, or bits, it takes.
    public var registerCount: Int {
        if table.isBits { return 1 }
        return type.byteCount.map { $0 / 2 } ?? textLength
    }

    /// All that one answer must have, from the first to the last.
    public var addresses: Range<Int> {
        let (first, scale) = (Int(address), Int(scaleRegister ?? address))
        return min(first, scale)..<max(first + registerCount, scale + 1)
    }
}

// MARK: - Reading

extension Point {
    /// What "not implemented" is for the register of a power of ten.
    private static let noPower = Int16.min

    /// What the data of an answer says, in which the value begins `index` registers, or bits, from the first one, and the
    /// register of its power of ten at `scaleIndex`. What is no value is absent: never 0, and never a number that is none.
    public func read(
        _ data: UnsafeRawBufferPointer, at index: Int, scaleAt scaleIndex: Int? = nil
    ) -> (value: Value, quality: Quality) {
        guard holds(data.count, index, scaleIndex) else { return Self.none }
        if table.isBits { return whole(Int64(data[index / 8] >> UInt8(index % 8) & 1), power: nil) }
        if type == .text { return text(data, at: 2 * index).map { (.text($0), .good) } ?? Self.none }
        let pattern = order.read(data, at: 2 * index)
        if invalid.contains(pattern) { return Self.none }
        if let bits { return unsigned(pattern >> UInt64(bits.lowerBound) & Self.mask(bits.count), power: nil) }
        var power: Int?
        if let scaleIndex {
            let register = Int16(bitPattern: UInt16(data[2 * scaleIndex]) << 8 | UInt16(data[2 * scaleIndex + 1]))
            guard register != Self.noPower, abs(Int(register)) <= Self.largestPower else { return Self.none }
            power = Int(register)
        }
        return number(pattern, power)
    }

    /// Whether all of it is there: an answer that is shorter has no value, whatever lies behind it in memory.
    private func holds(_ byteCount: Int, _ index: Int, _ scaleIndex: Int?) -> Bool {
        let last = max(index + registerCount, (scaleIndex ?? 0) + 1)
        return index >= 0 && (scaleIndex ?? 0) >= 0 && last <= (table.isBits ? 8 * byteCount : byteCount / 2)
    }

    private static let none: (value: Value, quality: Quality) = (.absent, .deviceException)

    private static func mask(_ count: Int) -> UInt64 { count >= 64 ? .max : 1 << UInt64(count) - 1 }

    private func number(_ pattern: UInt64, _ power: Int?) -> (value: Value, quality: Quality) {
        switch type {
        case .bool: whole(pattern == 0 ? 0 : 1, power: nil)
        case .u16, .u32, .u64: unsigned(pattern, power: power)
        case .i16: whole(Int64(Int16(truncatingIfNeeded: pattern)), power: power)
        case .i32: whole(Int64(Int32(truncatingIfNeeded: pattern)), power: power)
        case .i64: whole(Int64(bitPattern: pattern), power: power)
        case .f32: scaled(Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern))), power)
        case .f64: scaled(Double(bitPattern: pattern), power)
        case .bcd16: digits(pattern, 4).map { whole($0, power: power) } ?? Self.none
        case .bcd32: digits(pattern, 8).map { whole($0, power: power) } ?? Self.none
        case .text: Self.none
        }
    }

    private func unsigned(_ number: UInt64, power: Int?) -> (value: Value, quality: Quality) {
        if let number = Int64(exactly: number) { return whole(number, power: power) }
        // No label has such a code.
        return labels.isEmpty ? scaled(Double(number), power) : (.text("\(number)"), .good)
    }

    private func whole(_ number: Int64, power: Int?) -> (value: Value, quality: Quality) {
        // A code that nobody has named is a state all the same.
        if !labels.isEmpty { return (.text(labels[number] ?? "\(number)"), .good) }
        return scaled(Double(number), power)
    }

    private func scaled(_ number: Double, _ power: Int?) -> (value: Value, quality: Quality) {
        guard let power, power != 0 else { return finish(number) }
        // To divide by a power of ten is exact where to multiply by its inverse is not.
        return finish(power < 0 ? number / Self.powerOfTen(-power) : number * Self.powerOfTen(power))
    }

    /// Multiplied up they would be a little off.
    private static let powersOfTen: [Double] = (0...largestPower).map { Double("1e\($0)") ?? 1 }
    private static let largestPower = 300

    private static func powerOfTen(_ power: Int) -> Double { powersOfTen[power] }

    private func finish(_ decoded: Double) -> (value: Value, quality: Quality) {
        guard decoded.isFinite else { return Self.none }
        let number = scale == 1 && offset == 0 ? decoded : decoded.scaled(by: scale) + offset
        guard number.isFinite else { return (.absent, .outOfRange) }
        return (.number(number), valid.map { $0.contains(number) } ?? true ? .good : .outOfRange)
    }

    /// Nil where one of them is no decimal digit.
    private func digits(_ pattern: UInt64, _ count: Int) -> Int64? {
        var number: Int64 = 0
        for index in (0..<count).reversed() {
            let digit = pattern >> UInt64(4 * index) & 15
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        return number
    }

    /// To the first zero byte, without white space around it; nil where nothing is left.
    private func text(_ data: UnsafeRawBufferPointer, at start: Int) -> String? {
        var bytes: [UInt8] = []
        for register in stride(from: 0, to: textLength * 2, by: 2) {
            for position in order.positions { bytes.append(data[start + register + position]) }
        }
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }
        return end.map { String(trimmed[...$0]) }
    }
}

extension Double {
    /// To divide by 10 is exact where to multiply by 0.1 is not: 3 * 0.1 is 0.30000000000000004.
    fileprivate func scaled(by scale: Double) -> Double {
        let divisor = (1 / scale).rounded()
        return abs(scale) < 1 && divisor * scale == 1 ? self / divisor : self * scale
    }
}
