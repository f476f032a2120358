/// Numbers out of text, to the nearest double.
enum NumberText {
    /// A finite decimal such as `-12.5e3`; nil for anything else, and for what is too large for a double.
    static func number(_ bytes: Span<UInt8>) -> Double? {
        guard let decimal = Decimal(bytes) else { return nil }
        if let number = decimal.exactNumber { return number }
        guard let number = bytes.text.flatMap({ Double($0) }), number.isFinite else { return nil }
        return number
    }

    /// `-12` and the like, without a plus sign; nil for anything else, and for what the type cannot hold.
    static func wholeNumber<Whole: FixedWidthInteger>(_ bytes: Span<UInt8>, as type: Whole.Type) -> Whole? {
        let isNegative = bytes.count > 0 && bytes[0] == Byte.minus
        let start = isNegative ? 1 : 0
        guard start < bytes.count, Whole.isSigned || !isNegative else { return nil }
        var result: Whole = 0
        for index in start..<bytes.count {
            guard let digit = digit(bytes[index]) else { return nil }
            let (tenfold, isTooLarge) = result.multipliedReportingOverflow(by: 10)
            // Downwards when negative, since the least number has no positive counterpart.
            let (sum, isPast) =
                isNegative
                ? tenfold.subtractingReportingOverflow(Whole(digit)) : tenfold.addingReportingOverflow(Whole(digit))
            guard !isTooLarge, !isPast else { return nil }
            result = sum
        }
        return result
    }

    @inline(__always)
    fileprivate static func digit(_ byte: UInt8) -> UInt8? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? digit : nil
    }
}

/// Digits and a power of ten.
private struct Decimal {
    private static let powers: [23 of Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
    /// Up to here every whole number is a double.
    private static let limit: UInt64 = 1 << 53
    /// Past every double; further digits of an exponent change nothing.
    private static let largestExponent = 100_000

    private var isNegative = false
    /// At `limit` or above, digits may be missing.
    private var digits: UInt64 = 0
    private var exponent = 0

    init?(_ bytes: Span<UInt8>) {
        var position = 0
        isNegative = Self.take(Byte.minus, bytes, &position)
        var count = takeDigits(bytes, &position)
        if Self.take(Byte.point, bytes, &position) {
            let decimals = takeDigits(bytes, &position)
            exponent -= decimals
            count += decimals
        }
        guard count > 0 else { return nil }
        if Self.take(UInt8(ascii: "e"), bytes, &position) || Self.take(UInt8(ascii: "E"), bytes, &position) {
            guard takeExponent(bytes, &position) else { return nil }
        }
        guard position == bytes.count else { return nil }
    }

    /// Nil where one multiplication or division could be off: both of its operands have to be doubles.
    var exactNumber: Double? {
        guard digits < Self.limit, abs(exponent) < Self.powers.count else { return nil }
        let whole = isNegative ? -Double(digits) : Double(digits)
        return exponent < 0 ? whole / Self.powers[-exponent] : whole * Self.powers[exponent]
    }

    private mutating func takeDigits(_ bytes: Span<UInt8>, _ position: inout Int) -> Int {
        let start = position
        while position < bytes.count, let digit = NumberText.digit(bytes[position]) {
            if digits < Self.limit { digits = digits * 10 + UInt64(digit) }
            position += 1
        }
        return position - start
    }

    private mutating func takeExponent(_ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        let isNegative = Self.take(Byte.minus, bytes, &position)
        if !isNegative { _ = Self.take(UInt8(ascii: "+"), bytes, &position) }
        let start = position
        var number = 0
        while position < bytes.count, let digit = NumberText.digit(bytes[position]) {
            number = min(number * 10 + Int(digit), Self.largestExponent)
            position += 1
        }
        exponent += isNegative ? -number : number
        return position > start
    }

    @inline(__always)
    private static func take(_ byte: UInt8, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }
}

// MARK: - Writing

extension [UInt8] {
    /// The shortest text that reads back as the same number.
    mutating func append(number: Double) {
        append(contentsOf: number.description.utf8.span)
    }

    mutating func append(whole number: Int64) {
        if number < 0 { append(Byte.minus) }
        append(digits: number.magnitude, atLeast: 1)
    }

    mutating func append(digits number: UInt64, atLeast width: Int) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || count - start < width
        for offset in 0..<(count - start) / 2 { swapAt(start + offset, count - 1 - offset) }
    }
}
