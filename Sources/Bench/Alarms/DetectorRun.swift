import Alarms
import Readings

/// Detectors at work on series that stay as they are, each reading going to the next of them.
public struct DetectorRun {
    public let name: String
    private var detectors: [AnomalyDetector]
    private let values: [Double]
    private var now: Int64 = 1_718_000_000_000_000
    private var first = 0

    public static var all: [DetectorRun] {
        [DetectorRun("detector, 1 series", series: 1), DetectorRun("detector, 10000 series in turn", series: 10_000)]
    }

    /// In memory; what is saved is no more.
    public static let bytes = MemoryLayout<AnomalyDetector>.stride

    private init(_ name: String, series: Int) {
        self.name = name
        detectors = Array(repeating: AnomalyDetector(), count: series)
        var random = BenchRandom(seed: 1)
        values = (0..<9973).map { 20 + Double($0 % 97) / 7 + random.normal() }
        // Past a day, so that every view is at work.
        for _ in 0..<(series == 1 ? 1 : 200) { _ = takeAll(seconds: 3600) }
    }

    /// How many readings those were.
    public mutating func takeAll() -> Int { takeAll(seconds: 60) }

    private mutating func takeAll(seconds: Int64) -> Int {
        let turns = detectors.count == 1 ? 1000 : 1
        for _ in 0..<turns {
            now += seconds * 1_000_000
            let hour = HourOfDay(at: now, offset: 0)
            for index in detectors.indices {
                first = first + 1 == values.count ? 0 : first + 1
                _ = detectors[index].take(values[first], at: now, hour: hour)
            }
        }
        return turns * detectors.count
    }
}
