// What a ledger is saved as: a few bytes that say what it is, numbers of fixed places, little-endian, and a checksum.

/// Why bytes are no ledger to go on from: the counts begin anew, and somebody should be told.
public enum DataLedgerError: Error, Equatable, CustomStringConvertible {
    case damaged
    case newer(version: Int)

    public var description: String {
        switch self {
        case .damaged: "what was sent in this day and month is not known: its count is damaged, and begins anew"
        case .newer(let version):
            "what was sent in this day and month is not known: its count is of a newer version (\(version)), and begins anew"
        }
    }
}

extension DataLedger {
    private static let mark = Array("OPDL".utf8)
    private static let version: UInt8 = 1
    private static let numbersOfPeriod = 5
    private static let numberCount = 2 * PeriodLedger.remembered * numbersOfPeriod
    private static let headCount = mark.count + 1
    /// Of every state.
    public static let stateCount = headCount + (numberCount + 1) * 8
    /// Of any clock's, and far more.
    private static let seconds = -1 << 40...1 << 40 as ClosedRange<Int64>
    /// In the place of a day, where there is no period.
    private static let none = Int64.min

    public var state: [UInt8] {
        var bytes = Self.mark + [Self.version]
        for ledger in [days, months] {
            for index in 0..<PeriodLedger.remembered {
                let period = ledger.periods.indices.contains(index) ? ledger.periods[index] : nil
                let numbers = [
                    period?.start ?? Self.none, period?.since ?? 0, period?.sent[.alarms] ?? 0,
                    period?.sent[.fresh] ?? 0,
                    period?.sent[.backlog] ?? 0,
                ]
                for number in numbers { Self.append(UInt64(bitPattern: number), to: &bytes) }
            }
        }
        Self.append(Self.checksum(bytes[...]), to: &bytes)
        return bytes
    }

    /// Whatever the bytes are: a ledger, or an error.
    public init(state bytes: [UInt8]) throws(DataLedgerError) {
        guard bytes.starts(with: Self.mark), bytes.count >= Self.headCount else { throw .damaged }
        let version = bytes[Self.mark.count]
        guard version <= Self.version else { throw .newer(version: Int(version)) }
        guard version == Self.version, bytes.count == Self.stateCount else { throw .damaged }
        let end = Self.stateCount - 8
        guard Self.number(bytes, at: end) == Self.checksum(bytes[..<end]) else { throw .damaged }
        let numbers = (0..<Self.numberCount).map {
            Int64(bitPattern: Self.number(bytes, at: Self.headCount + 8 * $0))
        }
        self.init()
        days = try Self.ledger(numbers[..<(Self.numberCount / 2)])
        months = try Self.ledger(numbers[(Self.numberCount / 2)...])
    }

    private static func ledger(_ numbers: ArraySlice<Int64>) throws(DataLedgerError) -> PeriodLedger {
        var periods: [PeriodLedger.Period] = []
        for place in stride(from: numbers.startIndex, to: numbers.endIndex, by: numbersOfPeriod)
        where numbers[place] != none {
            let sent = SentBytes(
                alarms: numbers[place + 2], fresh: numbers[place + 3], backlog: numbers[place + 4])
            guard let sent, seconds.contains(numbers[place + 1]) else { throw .damaged }
            periods.append(PeriodLedger.Period(start: numbers[place], since: numbers[place + 1], sent: sent))
        }
        return PeriodLedger(periods)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func number(_ bytes: [UInt8], at start: Int) -> UInt64 {
        bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt64.self)) }
    }

    /// FNV-1a: no change of a single byte leaves it as it is.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
