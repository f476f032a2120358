import Readings

/// What a mapping does to every reading, whatever the format of its payloads.
public struct ReadingRules: Sendable, Hashable {
    /// A number becomes number * scale + offset.
    public var scale: Double
    public var offset: Double
    /// Numbers outside of it keep their value and are `outOfRange`.
    public var valid: ClosedRange<Double>?
    /// In microseconds. A time that is further than this from the arrival, before or after, is not believed; nil:
    /// every time is.
    public var maxSkew: Int64?

    public init(
        scale: Double = 1, offset: Double = 0, valid: ClosedRange<Double>? = nil, maxSkew: Int64? = nil
    ) {
        self.scale = scale
        self.offset = offset
        self.valid = valid
        self.maxSkew = maxSkew
    }

    /// Gives the reading its final time, value and quality. Whether its own time is believed, or it has none.
    public func apply(to reading: inout DecodedReading, arrival: Timestamp) -> Bool {
        scale(&reading)
        return checkTime(of: &reading, arrival)
    }

    private func scale(_ reading: inout DecodedReading) {
        guard case .number(let decoded) = reading.value else { return }
        var number = decoded
        // Not where nothing is asked for: -0 would become 0.
        if scale != 1 || offset != 0 { number = decoded * scale + offset }
        reading.value = number.isFinite ? .number(number) : .absent
        if !number.isFinite || valid.map({ !$0.contains(number) }) == true { reading.quality = .outOfRange }
    }

    private func checkTime(of reading: inout DecodedReading, _ arrival: Timestamp) -> Bool {
        guard let maxSkew, let time = reading.time else { return true }
        let (skew, isTooFar) = time.microseconds.subtractingReportingOverflow(arrival.microseconds)
        guard isTooFar || skew.magnitude > maxSkew.magnitude else { return true }
        reading.time = arrival
        if reading.quality == .good { reading.quality = .uncertain }
        return false
    }
}
