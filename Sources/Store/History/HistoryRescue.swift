import Encoding
import Journal
import Platform
import Readings
import SQLite

/// Saves what can be read of a damaged history into a new one, and sets the damaged file aside under a new name.
///
/// Bodies say themselves what they are, so the directory is made anew from them. Some are of chunks that were replaced
/// already: the newest of each moment counts, as it did when they were written. What can still be read of the old
/// directory says what was lost.
final class HistoryRescue {
    struct Result {
        var chunks = 0
        var rows = 0
        var damagedChunks = 0
        /// What is lost, of each series and width.
        var losses: [ChunkLabel: ChunkEntry] = [:]
        var asidePath = ""
        /// The disk had no room for a copy: everything is in the file set aside, and nowhere else.
        var lackedRoom = false
    }

    private static let chunksAtOnce = 256

    private let pages: DatabasePages
    private let old: DamagedDirectory
    private let new: HistoryFile
    private var result = Result()
    private var bodies: [Int64: DatabasePages.Place] = [:]
    /// Further places where a body is, or was before its page was moved.
    private var copies: [Int64: [DatabasePages.Place]] = [:]
    private var damaged: Set<Int64> = []
    private var series: Set<SeriesID> = []
    private var codec = ChunkCodec()

    /// `sealed` is what is known from elsewhere of how far the journal is in here.
    static func rescue(_ path: String, widths: [Int64], sealed: Int64, clocks: Clocks) throws -> Result {
        let file = DamagedDatabase(path)
        let stamp = Timestamp(microseconds: clocks.wall()).rfc3339
        try file.removeUnfinished()
        var result: Result
        do {
            result = try copy(path, to: file.unfinishedPath, widths: widths, sealed: sealed)
        } catch let error as SQLiteError where error.isNoSpace {
            try file.removeUnfinished()
            return Result(asidePath: try file.setAside(at: stamp), lackedRoom: true)
        }
        result.asidePath = try file.replace(at: stamp)
        return result
    }

    private static func copy(_ path: String, to target: String, widths: [Int64], sealed: Int64) throws -> Result {
        let old = DamagedDirectory(path)
        let stored = old.state?.widths ?? []
        let rescue = HistoryRescue(
            pages: try DatabasePages(path, pageBytes: HistoryFile.pageBytes), old: old,
            new: try HistoryFile(target, widths: stored.isEmpty ? widths : stored, isSynced: false))
        try rescue.findRows()
        try rescue.copyState(sealed)
        try rescue.copyChunks()
        try rescue.claim()
        try rescue.sumUpLosses()
        try rescue.new.checkpointIfDue(force: true)
        return rescue.result
    }

    private init(pages: DatabasePages, old: DamagedDirectory, new: HistoryFile) {
        self.pages = pages
        self.old = old
        self.new = new
    }

    private func copyState(_ sealed: Int64) throws {
        let state = old.state
        // Where nothing is left, all that the journal still has is sealed again.
        let known = bodies.isEmpty ? 0 : sealed
        try new.transaction {
            try new.seal(upTo: max(known, state?.sealed ?? 0))
            if let clock = state?.retentionClock, clock > .min { try new.move(retentionClock: clock) }
            try new.note(widths: new.widths)
        }
    }

    private func findRows() throws {
        var found: [(SeriesID, SeriesDefinition)] = []
        var latest: [SeriesID: ReadingBatch] = [:]
        pages.forEachRow { place, rowID, columns in
            if Self.body(columns) != nil {
                if let before = bodies.updateValue(place, forKey: rowID) { copies[rowID, default: []].append(before) }
            } else if let definition = SeriesRows.definition(rowID, columns) {
                found.append((SeriesID(UInt32(truncatingIfNeeded: rowID)), definition))
            } else if columns.count == 2, case .blob(let bytes) = columns[1] {
                let series = SeriesID(UInt32(truncatingIfNeeded: rowID))
                guard let reading: ReadingBatch = decode(bytes, .readings(series)), reading.count == 1 else { return }
                let isNewer = latest[series].map { $0.times[0] <= reading.times[0] } ?? true
                if isNewer { latest[series] = reading }
            }
        }
        try new.transaction {
            for (id, definition) in found { try new.put(definition, as: id) }
            for reading in latest.values { try new.put(latest: reading, row: 0) }
        }
    }

    private static func body(_ columns: [DatabasePages.Column]) -> (label: ChunkLabel, bytes: ArraySlice<UInt8>)? {
        guard columns.count == 4, case .integer(let series) = columns[1], case .integer(let width) = columns[2],
            case .blob(let bytes) = columns[3], let series = UInt32(exactly: series),
            let width = UInt32(exactly: width)
        else { return nil }
        return (ChunkLabel(series: SeriesID(series), width: width), bytes)
    }

    private func decode<Rows: ChunkRows>(_ bytes: ArraySlice<UInt8>, _ label: ChunkLabel) -> Rows? {
        var rows = Rows()
        let isWhole = bytes.withUnsafeBytes { bytes in
            (try? Rows.decode(bytes, label, &codec, into: &rows)) != nil
        }
        return isWhole ? rows : nil
    }

    /// In the order in which they were written.
    private func copyChunks() throws {
        let order = bodies.keys.sorted()
        for start in stride(from: 0, to: order.count, by: Self.chunksAtOnce) {
            try new.transaction {
                for id in order[start..<min(start + Self.chunksAtOnce, order.count)] {
                    // All of them: one may be of another chunk, whose number is damaged.
                    let saved = try ([bodies[id]!] + (copies[id] ?? [])).filter(copyChunk)
                    if saved.isEmpty { damaged.insert(id) }
                }
            }
            try new.checkpointIfDue()
        }
    }

    /// False where it is damaged.
    private func copyChunk(_ place: DatabasePages.Place) throws -> Bool {
        guard let (label, bytes) = pages.columns(at: place).flatMap(Self.body) else { return false }
        // What is left of rollups that nobody wanted any more.
        guard label.width == 0 || new.widths.contains(label.microseconds) else { return true }
        let rows: Int?
        if label.width == 0 {
            let readings: ReadingBatch? = decode(bytes, label)
            rows = readings?.count
            if let readings { try put(readings, label) }
        } else {
            let rollups: RollupRows? = decode(bytes, label)
            rows = rollups?.count
            if let rollups { try new.put(rollups, label) }
        }
        guard let rows else { return false }
        series.insert(label.series)
        result.chunks += 1
        result.rows += rows
        return true
    }

    private func put(_ readings: ReadingBatch, _ label: ChunkLabel) throws {
        try new.put(readings, label)
        guard let last = readings.times.last, new.latest[label.series].map({ $0 <= last }) ?? true else { return }
        try new.put(latest: readings, row: readings.count - 1)
    }

    // MARK: What follows from it

    private func forEachLoss(_ body: (ChunkEntry) throws -> Void) throws {
        try old.forEachEntry { entry in
            if bodies[entry.body] == nil || damaged.contains(entry.body) { try body(entry) }
        }
    }

    /// Where readings are lost, the rollups alone know of them. Where rollups are lost, they are made anew as far as there
    /// are readings, or finer rollups.
    private func claim() throws {
        var lost: [SeriesID: Int64] = [:]
        try forEachLoss { entry in
            guard entry.label.width == 0 else { return }
            lost[entry.label.series] = max(lost[entry.label.series] ?? .min, Buckets.start(after: entry.last, 1))
        }
        for series in series.union(lost.keys).sorted() { try claim(series, lostBefore: lost[series] ?? .min) }
    }

    private func claim(_ series: SeriesID, lostBefore lost: Int64) throws {
        let known = old.level(.readings(series))?.deleted
        let deleted = max(try known ?? end(of: series), lost)
        for level in new.widths.indices {
            let label = ChunkLabel(series, width: new.widths[level])
            let saved = try new.chunks.lastEntry(label).map { Buckets.start(after: $0.last, label.microseconds) }
            let needed = level == 0 ? Buckets.start(notBefore: deleted, label.microseconds) : .min
            try remake(series, level, from: known ?? .min, upTo: max(saved ?? .min, needed))
        }
        if deleted > .min { try new.transaction { try new.put(Level(deleted: deleted), .readings(series)) } }
    }

    /// When nobody knows what was deleted: the end of all that there is, where there are rollups.
    private func end(of series: SeriesID) throws -> Int64 {
        let labels = new.widths.map { ChunkLabel(series, width: $0) }
        guard try labels.contains(where: { try new.chunks.lastEntry($0) != nil }) else { return .min }
        return try new.chunks.lastEntry(.readings(series)).map { Buckets.start(after: $0.last, 1) } ?? .min
    }

    /// Claims the rollups of a width before a moment, a chunk of what is finer at a time.
    private func remake(_ series: SeriesID, _ level: Int, from complete: Int64, upTo target: Int64) throws {
        guard target > .min else { return }
        let label = ChunkLabel(series, width: new.widths[level])
        let finer = ChunkLabel(series, width: level == 0 ? 0 : new.widths[level - 1])
        var done = Int64.min
        for entry in try new.chunks.entries(finer) {
            let first = max(done, Buckets.start(of: entry.first, label.microseconds))
            let end = min(target, Buckets.start(after: entry.last, label.microseconds))
            guard first < end else { continue }
            try new.transaction {
                try new.remakeRollups(series, level: level, TimeRange(first: first, last: end - 1), from: complete)
            }
            try new.checkpointIfDue()
            done = end
        }
        try new.transaction { try new.put(Level(claimed: target), label) }
    }

    private func sumUpLosses() throws {
        result.damagedChunks = old.isReadable ? 0 : damaged.count
        try forEachLoss { entry in
            let label = entry.label
            result.damagedChunks += 1
            let lost = entry.count - (try rowsAgain(of: entry))
            guard lost > 0 else { return }
            var sum = result.losses[label] ?? entry
            if result.losses[label] == nil { sum.count = 0 }
            sum.first = min(sum.first, entry.first)
            sum.last = max(sum.last, entry.last)
            sum.count += lost
            result.losses[label] = sum
        }
    }

    /// Rows of a lost chunk that are there in another way: from a chunk that it replaced, or made anew.
    private func rowsAgain(of entry: ChunkEntry) throws -> Int {
        let series = entry.label.series
        if entry.label.width == 0 { return try new.view.scan(series, entry.range).count() }
        guard let level = new.widths.firstIndex(of: entry.label.microseconds) else { return entry.count }
        let end = Buckets.end(of: entry.last, entry.label.microseconds)
        return try new.view.rollups(series, TimeRange(first: entry.first, last: end), level: level).count
    }
}

/// What the trees of a damaged history still give.
private final class DamagedDirectory {
    private let connection: Connection?
    private let chunks: ChunkStore?
    private var isDamaged = false
    /// A row that is not there never was.
    private let hasAllLevels: Bool
    /// False where not even a part of it is.
    private(set) var isReadable = true

    init(_ path: String) {
        connection = try? Connection(path, .readOnly)
        // Without this a file that was cut short is not read at all.
        try? connection?.execute("PRAGMA writable_schema = ON")
        chunks = connection.flatMap { try? ChunkStore($0) }
        hasAllLevels = (try? connection?.integrityProblems(of: "levels")) == []
        chunks?.onDamage = { [unowned self] _ in isDamaged = true }
    }

    var state: HistoryState? { connection.flatMap { try? HistoryState(intactIn: $0) } }

    /// Nil where nobody knows.
    func level(_ label: ChunkLabel) -> Level? {
        isDamaged = false
        guard let level = try? chunks?.level(label), !isDamaged else { return nil }
        return level != Level() || hasAllLevels ? level : nil
    }

    /// As far as it can be read.
    func forEachEntry(_ body: (ChunkEntry) throws -> Void) throws {
        guard let chunks else {
            isReadable = false
            return
        }
        do { try chunks.forEachEntry(body) } catch let error as SQLiteError where error.isDamage { isReadable = false }
    }
}
