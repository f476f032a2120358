import Readings

/// The order that puts the rows of one series together and keeps them in the order of arrival.
package struct SeriesOrder {
    /// Neighbouring rows of one series. Runs are sorted, not rows: a batch that is grouped already has few.
    package struct Run {
        package var series: UInt32
        fileprivate var firstRow: UInt32
        fileprivate var rowCount: UInt32

        package var start: Int { Int(firstRow) }
        package var count: Int { Int(rowCount) }
        package var rows: Range<Int> { start..<start + count }
    }

    /// Sorted by series; several for one series where its rows arrived apart.
    package private(set) var runs: [Run] = []
    private var sorted: [Run] = []
    private var slots: [Int] = []

    package init() {}

    package mutating func arrange(_ series: [SeriesID]) {
        findRuns(series)
        // Digit by digit from the lowest, each pass stable; a digit that all have in common needs no pass.
        var differing: UInt32 = 0
        var ascending = true
        for index in runs.indices.dropFirst() {
            differing |= runs[index].series ^ runs[index - 1].series
            ascending = ascending && runs[index].series > runs[index - 1].series
        }
        guard !ascending else { return }
        for shift: UInt32 in [0, 8, 16, 24] where (differing >> shift) & 0xFF != 0 { sortByDigit(shift) }
    }

    private mutating func findRuns(_ series: [SeriesID]) {
        runs.removeAll(keepingCapacity: true)
        var start = 0
        for row in series.indices where row + 1 == series.count || series[row + 1] != series[row] {
            runs.append(
                Run(series: series[row].rawValue, firstRow: UInt32(start), rowCount: UInt32(row + 1 - start)))
            start = row + 1
        }
    }

    /// A counting sort by eight bits of the series' number.
    private mutating func sortByDigit(_ shift: UInt32) {
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(0, count: 256))
        for run in runs { slots[Int(run.series >> shift & 0xFF)] += 1 }
        var next = 0
        for digit in slots.indices { (slots[digit], next) = (next, next + slots[digit]) }

        sorted.removeAll(keepingCapacity: true)
        sorted.append(contentsOf: runs)
        for run in runs {
            let digit = Int(run.series >> shift & 0xFF)
            sorted[slots[digit]] = run
            slots[digit] += 1
        }
        swap(&runs, &sorted)
    }

    /// One element for each row, in this order, in place of what `column` held.
    @inline(__always)
    func arrange<Element>(into column: inout [Element], rows: Int, _ element: (_ row: Int) -> Element) {
        column.removeAll(keepingCapacity: true)
        column.append(addingCapacity: rows) { output in
            for run in runs {
                for row in run.start..<run.start + run.count { output.append(element(row)) }
            }
        }
    }
}

/// All rows of one series in an arranged batch.
struct SeriesGroup {
    var series: UInt32
    var rows: Int
    /// How many of them are of kind number.
    var numbers = 0
}
