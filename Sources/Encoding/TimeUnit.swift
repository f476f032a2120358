/// The coarsest unit in which every time of a batch is a whole number.
enum TimeUnit: UInt8 {
    case microsecond = 0
    case millisecond = 1
    case second = 2

    init(coarsestFor times: [Int64]) {
        if !times.allSatisfy({ $0 % 1000 == 0 }) {
            self = .microsecond
        } else {
            self = times.allSatisfy { $0 % 1_000_000 == 0 } ? .second : .millisecond
        }
    }

    var microseconds: Int64 {
        switch self {
        case .microsecond: 1
        case .millisecond: 1000
        case .second: 1_000_000
        }
    }
}
