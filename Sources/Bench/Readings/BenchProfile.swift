/// The series of a set of readings for measurements.
public enum BenchProfile: String, CaseIterable, Sendable {
    /// 12 series at 1 Hz, 20 at 0.1 Hz, 168 every 70 s: 10 million readings are about a week.
    case mixed
    /// All at 1 Hz.
    case fleet

    static let seriesCount = 200

    /// In milliseconds.
    func interval(of series: Int) -> Double {
        switch (self, series) {
        case (.fleet, _), (.mixed, ..<12): 1000
        case (.mixed, ..<32): 10_000
        case (.mixed, _): 70_000
        }
    }
}

/// What a series measures. In every twenty series there is the same of each, and the first twelve have all of them.
enum BenchKind: String, CaseIterable {
    case temperature, pressure, vibration
    case floatVibration = "vibration (float)"
    case counter, state, power

    init(of series: Int) {
        switch series % 20 {
        case 0, 6, 8, 11, 12, 15, 18: self = .temperature
        case 1, 7, 9, 16: self = .pressure
        case 2: self = series / 20 % 2 == 0 ? .floatVibration : .vibration
        case 3, 10, 17: self = .counter
        case 4, 13, 19: self = .state
        default: self = .power
        }
    }
}
