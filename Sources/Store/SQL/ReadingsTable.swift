import History
import Readings
import SQLite

/// The columns of a reading behind series and time.
private enum ReadingColumn: Int {
    case time = 1
    case value, text, quality
}

private let readingColumns = "value REAL, text TEXT, quality TEXT"

/// `readings`: (series, time, value, text, quality).
struct ReadingsSource: SeriesRowsSource {
    let columns = readingColumns
    let rowsPerSeries = 100_000.0
    let mostMerged = 256

    func rows(of series: SeriesNames.Series, in range: TimeRange, _ passage: Passage, _ moment: StoreMoment) throws
        -> SeriesRows?
    {
        try ReadingRows(series, range, passage, moment)
    }
}

/// The readings of one series.
final class ReadingRows: SeriesRows {
    private let range: TimeRange
    private let descending: Bool
    private let moment: StoreMoment
    /// Nil while rows are only counted: then no block is opened.
    private var scan: SeriesScan?
    private let all: Int
    private var counted = 0
    /// The row, and the one after the last of the block in the direction of the passage.
    private var row = 0
    private var end: Int
    private var times: [Int64] = []
    private var bits: [UInt64] = []
    private var kinds: [ReadingBatch.Kind] = []
    private var qualities: [Quality] = []

    init(_ series: SeriesNames.Series, _ range: TimeRange, _ passage: Passage, _ moment: StoreMoment) throws {
        self.range = range
        self.moment = moment
        descending = passage.timeDescending
        end = descending ? -1 : 1
        all = passage.needsOnlyKeys && !passage.isByTime ? try moment.reader.count(series.id, range) : 0
        super.init(series)
        if all == 0 { scan = try moment.reader.scan(series.id, range, descending: descending) }
    }

    override func next() throws -> Bool {
        guard scan != nil else {
            counted += 1
            return counted <= all
        }
        return try nextRow()
    }

    private func nextRow() throws -> Bool {
        row += descending ? -1 : 1
        return row != end ? true : try nextBlock()
    }

    private func nextBlock() throws -> Bool {
        (times, bits, kinds, qualities) = ([], [], [], [])
        guard let scan, try scan.next() else {
            // Asked again, it is still at the end.
            row = end + (descending ? 1 : -1)
            return false
        }
        (times, bits) = (scan.batch.times, scan.batch.bits)
        (kinds, qualities) = (scan.batch.kinds, scan.batch.qualities)
        let rows = scan.rows
        (row, end) = descending ? (rows.upperBound - 1, rows.lowerBound - 1) : (rows.lowerBound, rows.upperBound)
        return true
    }

    /// Someone asks for more than the number of rows.
    private func openScan() throws {
        scan = try moment.reader.scan(series.id, range, descending: descending)
        for _ in 0..<counted { _ = try nextRow() }
    }

    /// Asked for by a merge alone, which reads.
    override var time: Int64 { times[row] }

    override func column(_ column: Int, _ result: SQLResult) throws {
        if scan == nil { try openScan() }
        switch ReadingColumn(rawValue: column) {
        case .time: result.integer(times[row])
        case .value where kinds[row] == .number: result.real(Double(bitPattern: bits[row]))
        case .text where kinds[row] == .text: result.text(scan!.batch.texts[Int(bits[row])])
        case .quality: result.text(moment.qualities[Int(qualities[row].rawValue)])
        default: result.null()
        }
    }
}

/// `latest`: the newest reading of each series, in the same columns.
struct LatestSource: SeriesRowsSource {
    let columns = readingColumns
    let rowsPerSeries = 1.0
    let mostMerged = 10_000

    func rows(of series: SeriesNames.Series, in range: TimeRange, _ passage: Passage, _ moment: StoreMoment) throws
        -> SeriesRows?
    {
        guard let reading = moment.reader.latest(series.id), range.contains(reading.time.microseconds) else {
            return nil
        }
        return LatestRow(series, reading, moment)
    }
}

/// One reading.
final class LatestRow: SeriesRows {
    private let reading: Reading
    private let moment: StoreMoment
    private var isGiven = false

    init(_ series: SeriesNames.Series, _ reading: Reading, _ moment: StoreMoment) {
        self.reading = reading
        self.moment = moment
        super.init(series)
    }

    override func next() -> Bool {
        defer { isGiven = true }
        return !isGiven
    }

    override var time: Int64 { reading.time.microseconds }

    override func column(_ column: Int, _ result: SQLResult) {
        switch (ReadingColumn(rawValue: column), reading.value) {
        case (.time, _): result.integer(time)
        case (.value, .number(let number)): result.real(number)
        case (.text, .text(let text)): result.text(text)
        case (.quality, _): result.text(moment.qualities[Int(reading.quality.rawValue)])
        default: result.null()
        }
    }
}
