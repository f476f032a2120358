// What a detector is saved as: all that it has learnt, so that it goes on as if it had never stopped. A layout of fixed size,
// each number at its place.

extension AnomalyDetector {
    /// Of every state.
    public static let stateCount = layout(AnomalyDetector()).count

    public var state: [UInt8] { Self.layout(self) }

    /// Whatever the bytes are: a detector, or an error.
    public init(state bytes: [UInt8]) throws(DetectorStateError) {
        var reader = try StateReader(.detector, bytes, count: Self.stateCount)
        self.init()
        readings = try reader.nextCount()
        lastTime = reader.next()
        let alert = reader.next(Int64.self)
        lastAlert = alert < 0 ? nil : alert
        guard alert >= -1, alert < max(readings, 1) else { throw .damaged }
        lastWasSevere = try reader.next(through: 1) == 1
        trend = try reader.nextDouble()
        scale = RobustScale(centre: try reader.nextDouble(), spread: try reader.nextDouble())
        guard scale.spread >= 0 else { throw .damaged }
        recent = try RecentScores(from: &reader, count: readings)
        daily = try DailyProfile(from: &reader)
        ranges = EnvelopeRanges(
            level: try Envelope(from: &reader), jump: try Envelope(from: &reader), daily: try Envelope(from: &reader),
            average: try Envelope(from: &reader), activity: try Envelope(from: &reader))
    }

    private static func layout(_ detector: AnomalyDetector) -> [UInt8] {
        var writer = StateWriter(.detector, reserving: 1024)
        writer.append(detector.readings)
        writer.append(detector.lastTime)
        writer.append(detector.lastAlert ?? -1)
        writer.append(UInt8(detector.lastWasSevere ? 1 : 0))
        for number in [detector.trend, detector.scale.centre, detector.scale.spread] { writer.append(number) }
        detector.recent.save(to: &writer)
        detector.daily.save(to: &writer)
        let ranges = detector.ranges
        for range in [ranges.level, ranges.jump, ranges.daily, ranges.average, ranges.activity] {
            range.save(to: &writer)
        }
        return writer.finished()
    }
}

extension RecentScores {
    fileprivate init(from reader: inout StateReader, count: Int64) throws(DetectorStateError) {
        var saved = InlineArray<97, Int16>(repeating: 0)
        for index in saved.indices { saved[index] = reader.next() }
        self.init(saved, count: count)
        // Of a young series, what is not in use is 0.
        for index in saved.indices where ring[index] != saved[index] { throw .damaged }
    }

    fileprivate func save(to writer: inout StateWriter) {
        for index in ring.indices { writer.append(ring[index]) }
    }
}

extension DailyProfile {
    fileprivate init(from reader: inout StateReader) throws(DetectorStateError) {
        self.init()
        for index in means.indices { means[index] = try reader.nextDouble() }
        for index in visits.indices { visits[index] = UInt8(try reader.next(through: Self.mostVisits)) }
        for index in deviations.indices { deviations[index] = try reader.nextDouble() }
        deviationCount = try reader.next(through: Self.averaged)
        nextDeviation = try reader.next(through: Self.averaged - 1)
        let hour = try reader.next(through: Self.hours)
        visit = Visit(
            hour: hour == Self.hours ? nil : hour, first: try reader.nextDouble(), sum: try reader.nextDouble(),
            count: Double(try reader.nextCount()))
        guard visit.hour == nil || visit.count > 0 else { throw .damaged }
    }

    fileprivate func save(to writer: inout StateWriter) {
        for index in means.indices { writer.append(means[index]) }
        for index in visits.indices { writer.append(visits[index]) }
        for index in deviations.indices { writer.append(deviations[index]) }
        writer.append(UInt8(deviationCount))
        writer.append(UInt8(nextDeviation))
        writer.append(UInt8(visit.hour ?? Self.hours))
        writer.append(visit.first)
        writer.append(visit.sum)
        writer.append(Int64(visit.count))
    }
}

extension Envelope {
    fileprivate init(from reader: inout StateReader) throws(DetectorStateError) {
        self.init(
            count: Double(try reader.nextCount()), low: try reader.nextDouble(), high: try reader.nextDouble(),
            mean: try reader.nextDouble())
    }

    fileprivate func save(to writer: inout StateWriter) {
        writer.append(Int64(count))
        for number in [low, high, mean] { writer.append(number) }
    }
}
