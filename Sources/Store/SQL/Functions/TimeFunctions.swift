import Platform
import Readings
import SQLite

/// `time_bucket(width, time)`: where the bucket begins that a moment lies in. Buckets begin at multiples of their width
/// since 1970.
struct TimeBucket: ScalarFunction {
    let name = "time_bucket"
    let argumentCount = 2

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard let width = try arguments[0].interval("width"), let time = try arguments[1].moment("time") else { return }
        guard let start = Self.start(of: time, width: width) else {
            throw SQLProblem("the bucket of \(time) begins before all times")
        }
        result.integer(start)
    }

    /// Nil where it cannot be counted.
    static func start(of time: Int64, width: Int64) -> Int64? {
        let rest = time % width
        let (start, overflows) = time.subtractingReportingOverflow(rest < 0 ? rest + width : rest)
        return overflows ? nil : start
    }
}

/// `now()`: the moment in which the statement began, in microseconds since 1970.
struct Now: ScalarFunction {
    let name = "now"
    let argumentCount = 0
    let wall: @Sendable () -> Int64

    func call(_ arguments: SQLArguments, _ result: SQLResult) { result.integer(wall()) }
}

/// `ago('1h')`: a moment before `now()`.
struct Ago: ScalarFunction {
    let name = "ago"
    let argumentCount = 1
    let wall: @Sendable () -> Int64

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard let length = try arguments[0].interval("length") else { return }
        let (time, overflows) = wall().subtractingReportingOverflow(length)
        if overflows { throw SQLProblem("\(length) us ago there was no time") }
        result.integer(time)
    }
}

/// `iso(time)`: `2024-02-24T22:20:38.500000Z`.
struct ISOText: ScalarFunction {
    let name = "iso"
    let argumentCount = 1

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard let time = try arguments[0].moment("time") else { return }
        result.text(Timestamp(microseconds: time).rfc3339)
    }
}

/// `micros(text)`: back again.
struct Microseconds: ScalarFunction {
    let name = "micros"
    let argumentCount = 1

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard let time = try arguments[0].moment("time") else { return }
        result.integer(time)
    }
}
