import Readings

/// Which readings of a series are left out because they say nothing new: those that come sooner than `silence` after
/// the last stored one, and whose number is within the deadband of it.
///
/// A change of the quality, of a text, or from one kind of value to another is always stored, and so is what is older
/// than the last stored reading: it belongs to another moment.
public struct StoreRule: Sendable, Hashable {
    /// Nil: a number may change by anything.
    public var deadband: Double?
    /// In microseconds.
    public var silence: Int64

    public init(deadband: Double? = nil, silence: Int64) {
        self.deadband = deadband
        self.silence = silence
    }

    /// The last reading of a series that was stored.
    public struct Last: Sendable {
        var time: Timestamp
        var value: Value
        var quality: Quality
    }

    /// Whether to store a reading, which is `last` from then on.
    public func stores(_ reading: Reading, after last: inout Last?) -> Bool {
        if let last {
            if reading.time < last.time { return true }
            if isSoon(reading, after: last), saysNothingNew(reading, after: last) { return false }
        }
        last = Last(time: reading.time, value: reading.value, quality: reading.quality)
        return true
    }

    private func isSoon(_ reading: Reading, after last: Last) -> Bool {
        let (distance, overflows) = reading.time.microseconds.subtractingReportingOverflow(last.time.microseconds)
        return !overflows && distance < silence
    }

    private func saysNothingNew(_ reading: Reading, after last: Last) -> Bool {
        guard reading.quality == last.quality else { return false }
        guard case .number(let number) = reading.value, case .number(let before) = last.value else {
            return reading.value == last.value
        }
        guard let deadband else { return true }
        return abs(number - before) <= deadband
    }
}
