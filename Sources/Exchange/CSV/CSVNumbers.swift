// Every double has a text of its own, so that it comes back to the bit: `nan` is the usual NaN, and `nan(0x...)` with
// the 16 digits of its bit pattern any other.

private enum NaNText {
    static let start: StaticString = "nan(0x"
    static let digits = 16
    static let length = start.utf8CodeUnitCount + digits + 1
}

extension Double {
    init?(csv bytes: Span<UInt8>) {
        if let number = NumberText.number(bytes) {
            self = number
        } else if bytes.equals("nan") {
            self = .nan
        } else if bytes.equals("inf") {
            self = .infinity
        } else if bytes.equals("-inf") {
            self = -.infinity
        } else {
            guard let number = Double(nanWithPattern: bytes) else { return nil }
            self = number
        }
    }

    private init?(nanWithPattern bytes: Span<UInt8>) {
        let start = NaNText.start.utf8CodeUnitCount
        guard bytes.count == NaNText.length, bytes.extracting(first: start).equals(NaNText.start),
            bytes[bytes.count - 1] == UInt8(ascii: ")"),
            let digits = bytes.extracting(start..<start + NaNText.digits).text,
            !digits.hasPrefix("+"), let pattern = UInt64(digits, radix: 16)
        else { return nil }
        self.init(bitPattern: pattern)
        guard isNaN else { return nil }
    }
}

extension [UInt8] {
    mutating func append(csv number: Double) {
        if number.isFinite {
            append(number: number)
        } else if number.isInfinite {
            append(contentsOf: (number < 0 ? "-inf" : "inf").utf8)
        } else if number.bitPattern == Double.nan.bitPattern {
            append(contentsOf: "nan".utf8)
        } else {
            append(contentsOf: "\(NaNText.start)\(String(number.bitPattern, radix: 16)))".utf8)
        }
    }
}
