import Readings

/// Reading the moments that payloads write. Nil wherever a moment cannot be meant: outside the years 1970 to 9999, or
/// not of this format at all.
extension TimeFormat {
    func timestamp(_ count: UInt64) -> Timestamp? {
        switch unit(for: count) {
        case .seconds: Self.checked(count.multipliedReportingOverflow(by: 1_000_000))
        case .milliseconds: Self.checked(count.multipliedReportingOverflow(by: 1000))
        case .microseconds: Self.checked((count, false))
        case .nanoseconds: Self.checked((count / 1000 + (count % 1000 >= 500 ? 1 : 0), false))
        case .rfc3339, .auto: nil
        }
    }

    func timestamp(_ count: Double) -> Timestamp? {
        switch unit(for: count) {
        case .seconds: Self.checked(count * 1_000_000)
        case .milliseconds: Self.checked(count * 1000)
        case .microseconds: Self.checked(count)
        case .nanoseconds: Self.checked(count / 1000)
        case .rfc3339, .auto: nil
        }
    }

    func timestamp(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        if self == .rfc3339 || self == .auto,
            let time = text.withMemoryRebound(to: UInt8.self, { Timestamp(rfc3339: $0) })
        {
            return Self.checked((UInt64(bitPattern: time.microseconds), false))
        }
        // Whole numbers by themselves: nanoseconds since 1970 are more than a double holds.
        if let count = Self.wholeNumber(text) { return timestamp(count) }
        guard case .number(let count) = NumberText.read(text) else { return nil }
        return timestamp(count)
    }

    /// The unit of a number: for `auto` the one that puts it after the year 1973, seconds where none does.
    private func unit(for count: some Numeric & Comparable) -> TimeFormat {
        guard self == .auto else { return self }
        return switch count {
        case ..<100_000_000_000: .seconds
        case ..<100_000_000_000_000: .milliseconds
        case ..<100_000_000_000_000_000: .microseconds
        default: .nanoseconds
        }
    }

    private static let endOf9999: UInt64 = 253_402_300_799_999_999

    private static func checked(_ microseconds: (partialValue: UInt64, overflow: Bool)) -> Timestamp? {
        guard !microseconds.overflow, microseconds.partialValue <= endOf9999 else { return nil }
        return Timestamp(microseconds: Int64(microseconds.partialValue))
    }

    /// Rounds half away from zero.
    private static func checked(_ microseconds: Double) -> Timestamp? {
        guard microseconds >= 0, microseconds < Double(endOf9999) else { return nil }
        let whole = UInt64(microseconds)
        return checked((microseconds - Double(whole) >= 0.5 ? whole + 1 : whole, false))
    }

    private static func wholeNumber(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard (1...19).contains(text.count) else { return nil }  // no 19 digits overflow
        var number: UInt64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }
}
