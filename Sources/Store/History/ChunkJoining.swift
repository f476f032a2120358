/// When small neighbours become one chunk: a series with a reading a minute ends up in chunks as dense as those of a
/// fast one, and each reading is rewritten three times at most.
enum ChunkJoining {
    static let limits = [64, 512, 2048]
    static let neighbours = 8

    /// How many of the chunks before are joined with new rows. `counts` are their rows, the nearest first; `reaches`
    /// says whether one chunk may reach back so far.
    static func joined(before counts: [Int], new: Int, most mostRows: Int, reaches: (Int) -> Bool) -> Int {
        for limit in limits where new < limit {
            var run = 0
            var rows = new
            while run < counts.count, counts[run] < limit, rows + counts[run] <= mostRows, reaches(run) {
                rows += counts[run]
                run += 1
            }
            if run + 1 >= neighbours { return run }
        }
        return 0
    }

    /// So many rows in as few chunks as can be, of like size.
    static func pieces(_ rows: Int, most mostRows: Int) -> [Range<Int>] {
        let count = (rows + mostRows - 1) / mostRows
        return (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
    }
}
