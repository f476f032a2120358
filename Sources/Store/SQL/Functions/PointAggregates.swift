import SQLite

/// `first(value, time)`: the value, of any type, with the least time; of several the first that came.
final class FirstValue: Aggregate {
    static let name = "first"
    static let argumentCount = 2
    private var best: (time: Int64, value: SQLValue)?

    func add(_ arguments: SQLArguments) throws {
        guard arguments[0].kind != .null, let time = try arguments[1].moment("time") else { return }
        if let best, best.time <= time { return }
        best = (time, arguments[0].copy)
    }

    func result(_ result: SQLResult) { result.value(best?.value ?? .null) }
}

/// `last(value, time)`: the value, of any type, with the greatest time; of several the last that came.
final class LastValue: Aggregate {
    static let name = "last"
    static let argumentCount = 2
    private var best: (time: Int64, value: SQLValue)?

    func add(_ arguments: SQLArguments) throws {
        guard arguments[0].kind != .null, let time = try arguments[1].moment("time") else { return }
        if let best, best.time > time { return }
        best = (time, arguments[0].copy)
    }

    func result(_ result: SQLResult) { result.value(best?.value ?? .null) }
}

/// `delta(value, time)`: the last value less the first.
final class Delta: Aggregate {
    static let name = "delta"
    static let argumentCount = 2
    private var ends: (first: Point, last: Point)?

    func add(_ arguments: SQLArguments) throws {
        guard let point = try Point(arguments) else { return }
        guard let (first, last) = ends else {
            ends = (point, point)
            return
        }
        if point.time < first.time { ends!.first = point }
        if point.time >= last.time { ends!.last = point }
    }

    func result(_ result: SQLResult) {
        if let (first, last) = ends { result.real(last.value - first.value) }
    }
}

/// `interpolate(value, time, at)`: the value at a moment, on the straight line between the neighbours; NULL where one
/// of them is missing.
final class Interpolation: Aggregate {
    static let name = "interpolate"
    static let argumentCount = 3
    private var at: Int64 = 0
    private var before: Point?
    private var after: Point?

    func add(_ arguments: SQLArguments) throws {
        guard let at = try arguments[2].moment("at"), let point = try Point(arguments) else { return }
        // Another moment, as when it comes from a column that is not the same in the whole group.
        if at != self.at, before != nil || after != nil { throw SQLProblem("\"at\" is not one moment in the group") }
        self.at = at
        if point.time <= at, before.map({ $0.time <= point.time }) ?? true { before = point }
        if point.time >= at, after.map({ $0.time >= point.time }) ?? true { after = point }
    }

    func result(_ result: SQLResult) {
        guard let before, let after else { return }
        guard before.time < after.time else { return result.real(before.value) }
        let share = (Double(at) - Double(before.time)) / (Double(after.time) - Double(before.time))
        result.real(before.value + (after.value - before.value) * share)
    }
}

/// A number at a moment.
struct Point {
    var time: Int64
    var value: Double

    init(time: Int64, value: Double) {
        self.time = time
        self.value = value
    }

    /// The first two arguments; nil where one is NULL.
    init?(_ arguments: SQLArguments) throws {
        guard let value = try arguments[0].number("value"), let time = try arguments[1].moment("time") else {
            return nil
        }
        self.init(time: time, value: value)
    }
}
