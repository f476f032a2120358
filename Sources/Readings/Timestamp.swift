/// A moment of wall time, in microseconds since 1970 (UTC).
public struct Timestamp: Sendable, Hashable, Comparable {
    public var microseconds: Int64

    @inlinable
    public init(microseconds: Int64) { self.microseconds = microseconds }

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

// MARK: - RFC 3339

extension Timestamp {
    /// Reads `2024-02-24T22:20:38.5+01:00`, and what lies near it: a space for the T, a missing zone (UTC),
    /// missing seconds, a date alone. Nil for anything else, and for years outside 0 to 9999.
    public init?(rfc3339 text: some StringProtocol) {
        guard
            let result = text.utf8.withContiguousStorageIfAvailable({ Timestamp(rfc3339: $0) })
                ?? {
                    Array(text.utf8).withUnsafeBufferPointer { Timestamp(rfc3339: $0) }
                }()
        else { return nil }
        self = result
    }

    public init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month),
            (1...CivilDate.days(inMonth: month, year: year)).contains(day)
        else { return nil }
        var seconds = CivilDate.daysSince1970(year: year, month: month, day: day) * 86_400
        var fraction = 0
        if reader.take("T") || reader.take("t") || reader.take(" ") {
            guard let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), hour < 24, minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if reader.take(":") {
                // 60 is a leap second: it is the next second to everyone without a table of them.
                guard let second = reader.number(2), second <= 60 else { return nil }
                seconds += second
                if reader.take(".") {
                    guard let micros = reader.fraction() else { return nil }
                    fraction = micros
                }
            }
            if !reader.take("Z") && !reader.take("z") && !reader.atEnd {
                let sign: Int
                if reader.take("+") { sign = 1 } else if reader.take("-") { sign = -1 } else { return nil }
                guard let hours = reader.number(2), hours < 24 else { return nil }
                let minutesFollow = reader.take(":") || !reader.atEnd
                guard let minutes = minutesFollow ? reader.number(2) : 0, minutes < 60 else { return nil }
                seconds -= sign * (hours * 3600 + minutes * 60)
            }
        }
        // An offset or a leap second can lead out of the years that four digits write.
        guard reader.atEnd, Self.secondsOfFourDigitYears.contains(seconds) else { return nil }
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    }

    private static let secondsOfFourDigitYears = -62_167_219_200..<253_402_300_800

    /// `2024-02-24T22:20:38.500000Z`; in the years 0 to 9999 it sorts as text and reads back to the same microsecond.
    public var rfc3339: String {
        let (days, micros) = microseconds.flooredDivision(by: 86_400_000_000)
        let date = CivilDate(daysSince1970: Int(days))
        let second = micros / 1_000_000
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let year = date.year < 0 ? "-" + padded(Int64(-date.year), 4) : padded(Int64(date.year), 4)
        return "\(year)-\(padded(Int64(date.month), 2))-\(padded(Int64(date.day), 2))"
            + "T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
            + ".\(padded(micros % 1_000_000, 6))Z"
    }
}

private struct DigitReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        position += 1
        return Int(bytes[position - 1] - 0x30)
    }

    mutating func number(_ digits: Int) -> Int? {
        var result = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            result = result * 10 + digit
        }
        return result
    }

    /// Microseconds; digits past the sixth are cut off.
    mutating func fraction() -> Int? {
        guard let first = digit() else { return nil }
        var result = first
        var count = 1
        while let digit = digit() {
            if count < 6 {
                result = result * 10 + digit
                count += 1
            }
        }
        for _ in count..<6 { result *= 10 }
        return result
    }
}
