/// The rows of several series as one sequence by time: a heap of the moments that are next.
struct TimeMerge {
    private struct Entry {
        var time: Int64
        /// Whose it is; also the order of the series for rows of one moment.
        var source: Int
    }

    private let descending: Bool
    private var sources: [SeriesRows] = []
    private var heap: [Entry] = []
    /// The first entry is the row that was given last: it moves on when the next one is asked for.
    private var isFirstUsed = false

    init(descending: Bool = false) { self.descending = descending }

    mutating func add(_ rows: SeriesRows) throws {
        guard try rows.next() else { return }
        heap.append(Entry(time: rows.time, source: sources.count))
        sources.append(rows)
        var index = heap.count - 1
        while index > 0, isBefore(heap[index], heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// The series whose row is next, standing on it.
    mutating func next() throws -> SeriesRows? {
        if isFirstUsed { try moveFirstOn() }
        isFirstUsed = true
        return heap.first.map { sources[$0.source] }
    }

    private mutating func moveFirstOn() throws {
        guard let first = heap.first else { return }
        let rows = sources[first.source]
        if try rows.next() {
            heap[0].time = rows.time
        } else {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        sink()
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in 2 * index + 1..<min(2 * index + 3, max(2 * index + 1, heap.count))
            where isBefore(heap[child], heap[least]) {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }

    private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        left.time == right.time ? left.source < right.source : (left.time < right.time) != descending
    }
}
