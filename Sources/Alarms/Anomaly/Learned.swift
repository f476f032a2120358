/// What the detector of an alarm has learnt.
public struct Learned: Sendable {
    public var key: AlarmKey
    /// Of how many nanoseconds it was given the means.
    public var every: Int64
    public var detector: AnomalyDetector

    public init(key: AlarmKey, every: Int64, detector: AnomalyDetector) {
        self.key = key
        self.every = every
        self.detector = detector
    }
}

/// What all detectors of a gateway have learnt, in one file: a head, their number, each with its names and its state, and a
/// checksum.
public enum LearnedFile {
    /// Of a name.
    private static let longest = 65_535

    public static func bytes(of all: [Learned]) -> [UInt8] {
        let all = all.filter { $0.key.rule.utf8.count <= longest && $0.key.series.utf8.count <= longest }
        var writer = StateWriter(.learned, reserving: 64 + all.count * (AnomalyDetector.stateCount + 64))
        writer.append(UInt32(all.count))
        for learned in all {
            writer.append(learned.every)
            for name in [learned.key.rule, learned.key.series] {
                writer.append(UInt16(name.utf8.count))
                writer.append(Array(name.utf8))
            }
            writer.append(learned.detector.state)
        }
        return writer.finished()
    }

    /// Whatever the bytes are: all of it, or an error.
    public static func read(_ bytes: [UInt8]) throws(DetectorStateError) -> [Learned] {
        var reader = try StateReader(.learned, bytes)
        var all: [Learned] = []
        for _ in 0..<(try reader.nextChecked(UInt32.self)) {
            let every = try reader.nextChecked(Int64.self)
            let rule = try reader.nextName()
            let series = try reader.nextName()
            let state = try reader.nextBytes(AnomalyDetector.stateCount)
            let detector = try AnomalyDetector(state: state)
            all.append(Learned(key: AlarmKey(rule: rule, series: series), every: every, detector: detector))
        }
        guard reader.isAtEnd else { throw .damaged }
        return all
    }
}

extension StateReader {
    fileprivate mutating func nextName() throws(DetectorStateError) -> String {
        let count = Int(try nextChecked(UInt16.self))
        guard let name = String(validating: try nextBytes(count), as: UTF8.self) else { throw .damaged }
        return name
    }
}
