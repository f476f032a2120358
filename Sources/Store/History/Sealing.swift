import Encoding
import Journal
import Readings
import SQLite

/// Turns what the journal holds in the order of arrival into history, ordered by series and time: a piece at a time,
/// each one transaction with the cursor that says how far it has come.
struct Sealing: ~Copyable {
    /// What a row takes in memory until it is sealed.
    static let bytesPerRow = 26

    /// Readings that are taken at once, and bytes of texts.
    let mostRows: Int
    private var rows = ReadingBatch()
    private var textBytes = 0
    private var order = SeriesOrder()

    init(memory: Int) { mostRows = max(1, memory / Self.bytesPerRow) }

    /// Seals what `journal` has past the file's cursor, as much as there is room for. Returns how many readings that
    /// were; 0 when nothing is left.
    mutating func seal(
        _ journal: JournalReader, into file: HistoryFile, policy: SeriesPolicy
    ) throws -> Int {
        let through = try gather(journal, after: file.sealed)
        guard through > file.sealed else { return 0 }
        order.arrange(rows.series)
        try file.transaction {
            var position = 0
            while position < order.runs.count {
                let series = SeriesID(order.runs[position].series)
                var head = ReadingBatch()
                while position < order.runs.count, order.runs[position].series == series.rawValue {
                    head.append(order.runs[position].rows, of: rows)
                    position += 1
                }
                try file.put(policy.definition(of: series), as: series)
                try file.seal(head.isInOrderOfTime ? head : head.inOrderOfTime(), policy.longestChunk(of: series))
            }
            try file.seal(upTo: through)
        }
        return rows.count
    }

    /// Returns the last batch that was taken.
    private mutating func gather(_ journal: JournalReader, after sequence: Int64) throws -> Int64 {
        rows = ReadingBatch()
        textBytes = 0
        var through = sequence
        var isFull = false
        try journal.forEachBatch(after: sequence) { sequence, batch in
            let texts = batch.texts.reduce(0) { $0 + $1.utf8.count }
            isFull =
                !rows.isEmpty
                && (rows.count + batch.count > mostRows || textBytes + texts > mostRows * Self.bytesPerRow)
            guard !isFull else { return false }
            if rows.isEmpty { rows.reserveCapacity(min(mostRows, batch.count * 64)) }
            rows.append(contentsOf: batch)
            textBytes += texts
            through = sequence
            return true
        }
        // Damaged batches at the end count as passed too.
        return isFull ? through : max(through, journal.horizon)
    }
}

/// What the gateway knows of a series beside its readings.
struct SeriesPolicy {
    var definition: (SeriesID) -> SeriesDefinition
    var retention: Retention

    func definition(of series: SeriesID) -> SeriesDefinition { definition(series) }

    func longestChunk(of series: SeriesID) -> Int64 {
        retention.rule(for: definition(series).name)?.longestChunk ?? .max
    }
}

extension ReadingBatch {
    /// Strictly ascending.
    var isInOrderOfTime: Bool {
        let times = times.span
        for row in 1..<max(1, times.count) where times[row] <= times[row - 1] { return false }
        return true
    }
}

extension ReadingBatch {
    private static let day: Int64 = 86_400_000_000

    /// Ascending rows in parts that lie far from each other: a device that begins in 1970, or dreams of 2099, must not
    /// make one chunk of all the years between.
    fileprivate var partsOfOneTime: [Range<Int>] {
        guard let first = times.first, let last = times.last else { return [] }
        let span = UInt64(bitPattern: last &- first)
        var starts = [0]
        for row in times.indices.dropFirst() {
            let gap = UInt64(bitPattern: times[row] &- times[row - 1])
            if gap > Self.day, gap > span / 4 { starts.append(row) }
        }
        return zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
    }
}

extension HistoryFile {
    /// Adds readings of one series, in the order of time; and what follows from them.
    func seal(_ readings: ReadingBatch, _ longestSpan: Int64) throws {
        let series = readings.series[0]
        let parts = readings.partsOfOneTime
        for part in parts {
            var rows = ReadingBatch()
            if parts.count > 1 { rows.append(part, of: readings) } else { rows = readings }
            try put(rows, .readings(series), longestSpan: longestSpan)
        }
        let newest = readings.count - 1
        if latest[series].map({ $0 <= readings.times[newest] }) ?? true {
            try put(latest: readings, row: newest)
        }
        try mendRollups(series, with: readings)
        try rollUp(series)
    }
}
