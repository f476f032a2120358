import SQLite

/// What an aggregate that needs all values of a group at once has gathered, in the order of arrival.
struct Gathered<Element> {
    /// Some 64 MB of points. SQLite's own limits know nothing of this memory.
    static var limit: Int { 1 << 22 }

    private var elements: [Element] = []
    /// Those before it have left the window.
    private var start = 0

    var all: ArraySlice<Element> { elements[start...] }

    mutating func append(_ element: Element) throws {
        guard elements.count - start < Self.limit else {
            throw SQLProblem("more than \(Self.limit) values in one group: narrow it by series or time")
        }
        elements.append(element)
    }

    mutating func removeFirst() {
        start += 1
        guard start * 2 > elements.count else { return }
        elements.removeFirst(start)
        start = 0
    }
}

extension Gathered<Point> {
    /// By time; those of one moment as they came.
    var sorted: [Point] {
        let isSorted = zip(all, all.dropFirst()).allSatisfy { $0.time <= $1.time }
        return isSorted ? Array(all) : all.sorted { $0.time < $1.time }
    }
}

/// `rate(value, time)`: the increase of a counter per second from the first value to the last. Where it drops it has
/// started over at 0.
final class Rate: WindowAggregate {
    static let name = "rate"
    static let argumentCount = 2
    private var points = Gathered<Point>()

    func add(_ arguments: SQLArguments) throws { if let point = try Point(arguments) { try points.append(point) } }
    func remove(_ arguments: SQLArguments) throws { if try Point(arguments) != nil { points.removeFirst() } }

    func result(_ result: SQLResult) {
        let points = points.sorted
        guard let first = points.first, let last = points.last, last.time > first.time else { return }
        let increase = zip(points, points.dropFirst()).reduce(0.0) { sum, pair in
            sum + (pair.1.value >= pair.0.value ? pair.1.value - pair.0.value : pair.1.value)
        }
        result.real(increase / (Double(last.time) - Double(first.time)) * 1e6)
    }
}

/// `time_weighted_avg(value, time)`: the average from the first moment to the last, where each value stands until the
/// next.
final class TimeWeightedAverage: WindowAggregate {
    static let name = "time_weighted_avg"
    static let argumentCount = 2
    private var points = Gathered<Point>()

    func add(_ arguments: SQLArguments) throws { if let point = try Point(arguments) { try points.append(point) } }
    func remove(_ arguments: SQLArguments) throws { if try Point(arguments) != nil { points.removeFirst() } }

    func result(_ result: SQLResult) {
        let points = points.sorted
        guard let first = points.first, let last = points.last else { return }
        guard last.time > first.time else { return result.real(last.value) }
        let area = zip(points, points.dropFirst()).reduce(0.0) { sum, pair in
            sum + pair.0.value * (Double(pair.1.time) - Double(pair.0.time))
        }
        result.real(area / (Double(last.time) - Double(first.time)))
    }
}

/// `percentile(value, p)`: the value below which p of 100 values lie, on the straight line between its neighbours.
final class Percentile: WindowAggregate {
    static let name = "percentile"
    static let argumentCount = 2
    private var values = Gathered<Double>()
    private var share: Double?

    func add(_ arguments: SQLArguments) throws {
        guard let share = try arguments[1].number("p"), (0...100).contains(share) else {
            throw SQLProblem("p is not a number from 0 to 100")
        }
        if let known = self.share, known != share { throw SQLProblem("p is not the same in the whole group") }
        self.share = share
        if let value = try arguments[0].number("value") { try values.append(value) }
    }

    func remove(_ arguments: SQLArguments) throws { if arguments[0].kind != .null { values.removeFirst() } }

    func result(_ result: SQLResult) {
        let sorted = values.all.sorted()
        guard let share, !sorted.isEmpty else { return }
        let place = share / 100 * Double(sorted.count - 1)
        let (below, rest) = (Int(place), place - place.rounded(.down))
        let next = sorted[min(below + 1, sorted.count - 1)]
        // Between equal neighbours there is no line: two infinities have none.
        result.real(rest == 0 || next == sorted[below] ? sorted[below] : sorted[below] + (next - sorted[below]) * rest)
    }
}
