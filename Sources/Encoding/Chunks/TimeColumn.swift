/// The times of a chunk: their unit, plus 4 where they are on a grid (a byte); the zigzag first time in that unit; then
///
///     on a grid: the period (see `TimeGrid`); how many jumps, then for each the readings since the jump before, and
///         the zigzag places; the distances of all readings from their places, as an integer column
///     otherwise: the distances of all readings from the first, as an integer column
package enum TimeColumn {
    static let onGrid: UInt8 = 4
}

extension TimeColumn {
    /// How a column is stored, in words.
    package static func encoding(of bytes: Span<UInt8>) throws(DamagedBytes) -> String {
        var position = 0
        let isOnGrid = try bytes.byte(at: &position) & onGrid != 0
        _ = try bytes.varint(at: &position)
        if isOnGrid {
            _ = try bytes.varint(at: &position)
            let jumps = try bytes.varint(at: &position, upTo: bytes.count)
            for _ in 0..<2 * jumps { _ = try bytes.varint(at: &position) }
        }
        return (isOnGrid ? "grid, " : "") + IntegerForm.encoding(try bytes.byte(at: &position))
    }
}

/// Owned by one encoder; it keeps its memory.
package struct TimeColumnWriter: ~Copyable {
    private var grid = TimeGrid()
    private var distances: [Int64] = []

    package init() {}

    /// Takes ascending times, of which there is one at least.
    package mutating func write(_ times: [Int64], _ integers: inout IntegerColumnWriter, to bytes: inout [UInt8]) {
        let unit = TimeUnit(coarsestFor: times)
        // The compiler turns a division by a known number into a multiplication.
        switch unit {
        case .microsecond: collectDistances(times) { $0 }
        case .millisecond: collectDistances(times) { $0 / 1000 }
        case .second: collectDistances(times) { $0 / 1_000_000 }
        }
        let isOnGrid = grid.fit(distances) && grid.isCloser(than: distances)
        bytes.append(unit.rawValue | (isOnGrid ? TimeColumn.onGrid : 0))
        bytes.append(varint: ZigZag.encode(times[0] / unit.microseconds))
        if isOnGrid { writeGrid(to: &bytes) }
        integers.write(isOnGrid ? grid.residuals : distances, to: &bytes)
    }

    @inline(__always)
    private mutating func collectDistances(_ times: [Int64], _ inUnit: (Int64) -> Int64) {
        let first = inUnit(times[0])
        distances.removeAll(keepingCapacity: true)
        distances.append(addingCapacity: times.count) { output in
            for time in times { output.append(inUnit(time) &- first) }
        }
    }

    private func writeGrid(to bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(grid.period))
        bytes.append(varint: UInt64(grid.jumps.count))
        for jump in grid.jumps {
            bytes.append(varint: UInt64(jump.readings))
            bytes.append(varint: ZigZag.encode(jump.places))
        }
    }
}

/// Owned by one decoder; it keeps its memory.
package struct TimeColumnReader: ~Copyable {
    private var distances: [Int64] = []
    private var jumps: [TimeGrid.Jump] = []

    package init() {}

    /// Appends the times of `rows` readings, of which there is one at least.
    package mutating func read(
        _ bytes: Span<UInt8>, at position: inout Int, rows: Int, _ integers: inout IntegerColumnReader,
        appendingTo times: inout [Int64]
    ) throws(DamagedBytes) {
        let head = try bytes.byte(at: &position)
        guard let unit = TimeUnit(rawValue: head & ~TimeColumn.onGrid) else {
            throw DamagedBytes("an unknown unit of time")
        }
        let first = ZigZag.decode(try bytes.varint(at: &position))
        if head & TimeColumn.onGrid != 0 {
            let period = Int64(bitPattern: try bytes.varint(at: &position))
            try readJumps(bytes, at: &position, rows: rows)
            try integers.read(bytes, at: &position, count: rows, into: &distances)
            appendGridTimes(from: first, period: period, unit.microseconds, to: &times)
        } else {
            try integers.read(bytes, at: &position, count: rows, into: &distances)
            let microseconds = unit.microseconds
            let distances = distances.span
            times.append(rows) { (first &+ distances[unchecked: $0]) &* microseconds }
        }
    }

    private mutating func readJumps(_ bytes: Span<UInt8>, at position: inout Int, rows: Int) throws(DamagedBytes) {
        jumps.removeAll(keepingCapacity: true)
        let count = try bytes.varint(at: &position, upTo: rows)
        var left = rows - 1
        for _ in 0..<count {
            let readings = try bytes.varint(at: &position, upTo: left)
            guard readings < left else { throw DamagedBytes("jumps of more readings than there are") }
            left -= readings + 1
            jumps.append(TimeGrid.Jump(readings: readings, places: ZigZag.decode(try bytes.varint(at: &position))))
        }
    }

    private func appendGridTimes(from first: Int64, period: Int64, _ unit: Int64, to times: inout [Int64]) {
        let distances = distances
        TimeGrid.forEachStretch(of: distances.count, jumps, period: period) { readings, before in
            var place = before
            let distances = distances.span.extracting(readings)
            times.append(readings.count) { reading in
                place &+= period
                return (first &+ place >> TimeGrid.fractionBits &+ distances[unchecked: reading]) &* unit
            }
        }
    }
}
