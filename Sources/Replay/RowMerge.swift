/// The rows of several runs, each ascending, as one sequence by time: a heap of the moments that are next. Of rows for one
/// moment the first comes first.
struct RowMerge {
    private struct Entry {
        var time: Int64
        var row: Int
        var end: Int

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.time == right.time ? left.row < right.row : left.time < right.time
        }
    }

    private var heap: [Entry]

    init(_ runs: [Range<Int>], _ times: borrowing [Int64]) {
        heap = []
        for run in runs where !run.isEmpty {
            heap.append(Entry(time: times[run.lowerBound], row: run.lowerBound, end: run.upperBound))
        }
        // Ascending is a heap.
        heap.sort(by: <)
    }

    @inline(__always)
    mutating func forEach(_ times: borrowing [Int64], _ body: (Int) throws -> Void) rethrows {
        while var first = heap.first {
            try body(first.row)
            first.row += 1
            if first.row < first.end {
                first.time = times[first.row]
            } else {
                first = heap.removeLast()
                if heap.isEmpty { return }
            }
            sink(first)
        }
    }

    /// Puts an entry in place of the first one.
    @inline(__always)
    private mutating func sink(_ entry: Entry) {
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if entry < heap[child] { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = entry
    }
}
