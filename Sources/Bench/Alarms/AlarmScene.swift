import Alarms
import Readings

/// Rules, and the series that they look at.
public struct AlarmScene: Sendable {
    public let name: String
    let rules: [AlarmRule]
    let series: Int

    static let all: [AlarmScene] = [
        AlarmScene(name: "no rule for the series", rules: [threshold(0, "other")], series: 1),
        AlarmScene(name: "1 threshold", rules: [threshold(0)], series: 1),
        AlarmScene(name: "3 thresholds", rules: (0..<3).map { threshold($0) }, series: 1),
        AlarmScene(name: "10 thresholds", rules: tenThresholds, series: 1),
        AlarmScene(name: "100 thresholds", rules: (0..<100).map { threshold($0) }, series: 1),
        AlarmScene(name: "10000 series under a glob", rules: [threshold(0, "**")], series: 10_000),
        AlarmScene(name: "1 of each kind", rules: kinds, series: 1),
        AlarmScene(name: "anomaly by the minute, 10000 series", rules: [anomaly(60)], series: 10_000),
        AlarmScene(name: "anomaly at each reading, 10000 series", rules: [anomaly(0)], series: 10_000),
    ]

    static let tenThresholds = (0..<10).map { threshold($0) }

    private static func threshold(_ number: Int, _ series: String = "plant/**") -> AlarmRule {
        let limits = Limits(
            [
                .init(.warning, above: 100 + Double(number)), .init(.critical, above: 300),
                .init(.emergency, above: 500),
            ], deadband: 5)
        return AlarmRule(name: "threshold-\(number)", series: SeriesGlob(series), condition: .limits(limits))
    }

    private static func anomaly(_ seconds: Int64) -> AlarmRule {
        AlarmRule(
            name: "unusual", series: SeriesGlob("plant/**"),
            condition: .anomaly(Anomaly(every: seconds * 1_000_000_000)))
    }

    private static var kinds: [AlarmRule] {
        let conditions: [AlarmCondition] = [
            .limits(Limits([.init(.warning, above: 100)])), .band(Band(-100...100, isOutside: true)),
            .equality(Equality([.number(-1)])), .rate(RateLimit(1e9, window: 10_000_000_000)),
            .change(ChangeLimit(1000)), .unchanged(Unchanged(1_000_000_000_000)),
            .staleness(Staleness(60_000_000_000)), .badQuality(BadQuality()),
            .count(CountLimit(above: 100, count: 10, within: 60_000_000_000)),
        ]
        return conditions.enumerated().map { number, condition in
            AlarmRule(name: "kind-\(number)", series: SeriesGlob("plant/**"), condition: condition)
        }
    }
}

/// Alarms at work on readings that change nothing, which is what nearly all of them do.
public struct AlarmRun {
    public let scene: AlarmScene
    private let share: AlarmShare
    private var readings: [Reading]
    private var now: Int64 = 1_000_000_000

    public static var all: [AlarmRun] { AlarmScene.all.map { AlarmRun($0) } }

    init(_ scene: AlarmScene) {
        self.scene = scene
        let catalogue = SeriesCatalogue(limit: .max)
        share = AlarmBoard(scene.rules, catalogue: catalogue, maxAge: 60_000_000, levels: [:]) { _ in }.share()
        readings = (0..<max(1000, scene.series)).map { number in
            let name = SeriesName(path: "plant/series-\(number % scene.series)")
            guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: name)) else {
                fatalError("the catalogue has no limit")
            }
            return Reading(
                series: id, time: Timestamp(microseconds: 0), value: .number(20 + Double(number % 97) / 7))
        }
        _ = takeAll()
    }

    /// How many those were.
    public mutating func takeAll() -> Int {
        for index in readings.indices {
            now += 1_000_000
            readings[index].time.microseconds = now / 1000
            share.take(readings[index], Arrival(now: now, wall: now / 1000))
        }
        share.flush()
        return readings.count
    }
}
