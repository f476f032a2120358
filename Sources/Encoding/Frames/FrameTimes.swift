/// The times of a frame, as integer columns:
///
///     for each series: the unit of its times, plus 4 where they are on a grid
///     for each that is on a grid: its period (see `TimeGrid`) less the bits that so few readings leave empty, and how
///         many jumps there are
///     for each jump: the readings since the jump before, and the places
///     of all series: the times less their place on the grid if they are on one, in that unit, as `JoinedColumns`
enum FrameTimes {
    static let onGrid: Int64 = 4
}

/// Owned by one encoder; it keeps its memory.
struct FrameTimesWriter: ~Copyable {
    private var grid = TimeGrid()
    private var distances: [Int64] = []
    private var values: [Int64] = []

    private var forms: [Int64] = []
    private var periods: [Int64] = []
    private var jumpCounts: [Int64] = []
    private var jumpReadings: [Int64] = []
    private var jumpPlaces: [Int64] = []
    private var columns = JoinedColumnsWriter()

    mutating func removeAll() {
        forms.removeAll(keepingCapacity: true)
        periods.removeAll(keepingCapacity: true)
        jumpCounts.removeAll(keepingCapacity: true)
        jumpReadings.removeAll(keepingCapacity: true)
        jumpPlaces.removeAll(keepingCapacity: true)
        columns.removeAll()
    }

    /// Takes the times of the next series in order, of which there is one at least.
    mutating func append(_ times: [Int64]) {
        let unit = TimeUnit(coarsestFor: times)
        let first = times[0] / unit.microseconds
        // The compiler turns a division by a known number into a multiplication.
        switch unit {
        case .microsecond: collectDistances(times, first) { $0 }
        case .millisecond: collectDistances(times, first) { $0 / 1000 }
        case .second: collectDistances(times, first) { $0 / 1_000_000 }
        }
        let isOnGrid = grid.fit(distances) && grid.isCloser(than: distances)
        forms.append(Int64(unit.rawValue) | (isOnGrid ? FrameTimes.onGrid : 0))
        if isOnGrid { appendGrid(readings: times.count) }
        values.replace(by: isOnGrid ? grid.residuals : distances, plus: first)
        columns.append(values)
    }

    @inline(__always)
    private mutating func collectDistances(_ times: [Int64], _ first: Int64, _ inUnit: (Int64) -> Int64) {
        distances.removeAll(keepingCapacity: true)
        let times = times.span
        distances.append(times.count) { inUnit(times[unchecked: $0]) &- first }
    }

    private mutating func appendGrid(readings: Int) {
        periods.append(grid.period >> TimeGrid.spareBits(of: readings))
        jumpCounts.append(Int64(grid.jumps.count))
        for jump in grid.jumps {
            jumpReadings.append(Int64(jump.readings))
            jumpPlaces.append(jump.places)
        }
    }

    mutating func write(_ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        integers.write(forms, to: &bytes)
        integers.write(periods, to: &bytes)
        integers.write(jumpCounts, to: &bytes)
        integers.write(jumpReadings, to: &bytes)
        integers.write(jumpPlaces, to: &bytes)
        columns.write(&integers, to: &bytes)
    }
}

/// Owned by one decoder; it keeps its memory.
struct FrameTimesReader: ~Copyable {
    private var forms: [Int64] = []
    private var periods: [Int64] = []
    private var jumpCounts: [Int64] = []
    private var jumpReadings: [Int64] = []
    private var jumpPlaces: [Int64] = []
    private var columns = JoinedColumnsReader()

    private var values: [Int64] = []
    private var jumps: [TimeGrid.Jump] = []

    /// Appends the times of all series, of so many readings each.
    mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, counts: [Int], _ integers: inout IntegerColumnReader,
        appendingTo times: inout [Int64]
    ) throws(DamagedBytes) {
        try integers.read(bytes, at: &position, count: counts.count, into: &forms)
        let grids = forms.count { $0 & FrameTimes.onGrid != 0 }
        try integers.read(bytes, at: &position, count: grids, into: &periods)
        try integers.read(bytes, at: &position, count: grids, into: &jumpCounts)
        let jumps = try countJumps(upTo: counts.reduce(0, +))
        try integers.read(bytes, at: &position, count: jumps, into: &jumpReadings)
        try integers.read(bytes, at: &position, count: jumps, into: &jumpPlaces)
        try columns.read(bytes, at: &position, counts: counts, &integers)
        try restore(counts, appendingTo: &times)
    }

    private func countJumps(upTo limit: Int) throws(DamagedBytes) -> Int {
        var jumps = 0
        for count in jumpCounts {
            guard count >= 0, count <= limit - jumps else { throw DamagedBytes("more jumps than readings") }
            jumps += Int(count)
        }
        return jumps
    }

    private mutating func restore(_ counts: [Int], appendingTo times: inout [Int64]) throws(DamagedBytes) {
        var nextGrid = 0
        var nextJump = 0
        for (form, count) in zip(forms, counts) {
            guard let unit = UInt8(exactly: form & ~FrameTimes.onGrid).flatMap(TimeUnit.init) else {
                throw DamagedBytes("an unknown unit of time")
            }
            columns.next(count, into: &values)
            if form & FrameTimes.onGrid != 0 {
                try takeJumps(Int(jumpCounts[nextGrid]), from: &nextJump, readings: count)
                addPlaces(period: periods[nextGrid] << TimeGrid.spareBits(of: count))
                nextGrid += 1
            }
            guard values.span.isInOrder else { throw DamagedBytes("times out of order") }
            let (microseconds, start) = (unit.microseconds, times.count)
            let values = values.span
            times.append(count) { values[unchecked: $0] &* microseconds }
            // What exceeds an Int64 in microseconds wraps round.
            guard times.span.extracting(start..<start + count).isInOrder else {
                throw DamagedBytes("times too far off")
            }
        }
    }

    private mutating func takeJumps(_ count: Int, from next: inout Int, readings: Int) throws(DamagedBytes) {
        jumps.removeAll(keepingCapacity: true)
        var left = Int64(readings - 1)
        for index in next..<next + count {
            guard (0..<left).contains(jumpReadings[index]) else {
                throw DamagedBytes("jumps of more readings than there are")
            }
            left -= jumpReadings[index] + 1
            jumps.append(TimeGrid.Jump(readings: Int(jumpReadings[index]), places: jumpPlaces[index]))
        }
        next += count
    }

    private mutating func addPlaces(period: Int64) {
        TimeGrid.forEachStretch(of: values.count, jumps, period: period) { readings, before in
            var place = before
            var values = values.mutableSpan
            for reading in readings {
                place &+= period
                values[unchecked: reading] &+= place >> TimeGrid.fractionBits
            }
        }
    }
}

extension [Int64] {
    fileprivate mutating func replace(by others: [Int64], plus base: Int64) {
        removeAll(keepingCapacity: true)
        let others = others.span
        append(others.count) { others[unchecked: $0] &+ base }
    }
}

extension Span<Int64> {
    fileprivate var isInOrder: Bool {
        var steps = 1
        for index in 1..<Swift.max(count, 1) { steps &+= self[unchecked: index] >= self[unchecked: index - 1] ? 1 : 0 }
        return steps >= count
    }
}
