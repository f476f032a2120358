import Encoding
import Glibc
import Journal
import Platform
import Readings
import SQLite

/// What the history's thread does.
final class HistoryKeeper {
    private static let longestRetry: Duration = .seconds(60)
    private static let expiryInterval: Duration = .seconds(900)
    /// The first look for what is old is taken a while after the start.
    private static let firstExpiry: Duration = .seconds(60)
    /// Transactions of one round, between which a stop is noticed.
    private static let mostStepsARound = 64
    /// Free pages are kept for what comes; more than this share of the file, and so many bytes, goes back to the disk.
    private static let shareKeptFree = 4
    private static let leastGivenBack = 16 << 20
    private static let pagesGivenBackAtOnce = 256
    /// A reserve of more than this share would leave a small disk no room for readings.
    private static let mostReserved = 10

    private let options: HistoryOptions
    private let journal: Journal
    private let surroundings: Surroundings
    private let metrics: HistoryMetrics
    private let orders: Monitor<History.Orders>
    private let policy: SeriesPolicy
    private var waitingSince: MonotonicTime?
    private var nextExpiry: MonotonicTime
    private var clock: RetentionClock
    private var retryDelay: Duration = .seconds(1)

    private var path: String { options.directory + "/" + HistorySchema.fileName }
    private var now: MonotonicTime { surroundings.clocks.monotonic() }

    init(
        _ options: HistoryOptions, journal: Journal, surroundings: Surroundings, metrics: HistoryMetrics,
        orders: Monitor<History.Orders>
    ) {
        self.options = options
        self.journal = journal
        self.surroundings = surroundings
        self.metrics = metrics
        self.orders = orders
        let catalogue = journal.catalogue
        policy = SeriesPolicy(
            definition: { catalogue.definition(of: $0) ?? SeriesRows.unnamed($0) }, retention: options.retention)
        nextExpiry = surroundings.clocks.monotonic() + Self.firstExpiry
        clock = RetentionClock(surroundings.clocks)
    }

    func run() {
        var file: HistoryFile?
        while !isStopping {
            do {
                let opened = try file ?? open()
                file = opened
                try round(opened)
                surroundings.parts.report(History.partName, .running)
                retryDelay = .seconds(1)
                _ = orders.wait(until: now + .seconds(1)) { !$0.isStopping && !isDue($0) }
            } catch {
                file = recover(from: error, file)
            }
        }
        try? file?.checkpointIfDue(force: true)
    }

    private var isStopping: Bool { orders.withLock { $0.isStopping } }

    private func isDue(_ orders: History.Orders) -> Bool {
        orders.drainsAsked > orders.drainsDone || metrics.waiting >= options.headMemory / Sealing.bytesPerRow
            || waitingSince.map { now - $0 >= options.sealAfter } ?? false
    }

    private func round(_ file: HistoryFile) throws {
        if metrics.waiting == 0 { waitingSince = nil } else if waitingSince == nil { waitingSince = now }
        let drain = orders.withLock { isDue($0) ? $0.drainsAsked : nil }
        if let drain {
            try seal(file, everything: orders.withLock { $0.drainsAsked > $0.drainsDone } || isOld)
            orders.withLock { $0.drainsDone = max($0.drainsDone, drain) }
            orders.notify()
        }
        if now >= nextExpiry { try expire(file) }
        try limit(file)
        try tidy(file)
    }

    private var isOld: Bool { waitingSince.map { now - $0 >= options.sealAfter } ?? false }

    // MARK: Opening

    private func open() throws -> HistoryFile {
        try DamagedDatabase(path).finishInterrupted(at: Timestamp(microseconds: surroundings.clocks.wall()).rfc3339)
        let file = try HistoryFile(path, widths: options.widths, isSynced: true, vfs: options.vfs)
        if !file.storedWidths.allSatisfy(options.widths.contains) { try retireWidths(of: file.storedWidths) }
        file.onLoss = { [unowned self] in lost($0, .damage, $0.count) }
        file.chunks.onDamage = { [surroundings] in surroundings.log.error(History.partName, repeats: $0, $0) }
        if file.storedWidths != options.widths { try file.transaction { try file.note(widths: options.widths) } }
        // A crash may have come before the journal knew.
        if file.sealed > 0 { journal.move(cursor: History.partName, to: file.sealed) }
        try countWaiting(JournalReader(directory: options.directory), after: file.sealed)
        clock.start(from: file.retentionClock)
        return file
    }

    /// Takes away the rollups that the configuration does not name any more.
    private func retireWidths(of stored: [Int64]) throws {
        let file = try HistoryFile(path, widths: stored, isSynced: true, vfs: options.vfs)
        for level in stored.indices where !options.widths.contains(stored[level]) {
            let name = Buckets.name(ofWidth: stored[level])
            surroundings.log.warning(
                History.partName, "rollups of \(name) are not configured any more: those in the store are deleted")
            try file.retire(level: level)
        }
    }

    private func countWaiting(_ reader: JournalReader, after sequence: Int64) throws {
        let arrived = journal.readingsCommitted
        let before = arrived.value
        let waiting = try reader.count(after: sequence)
        let sealed = metrics.sealed.value
        metrics.count { sealed + waiting + arrived.value - before }
    }

    /// A damaged file is replaced by what can be read of it; anything else is tried again.
    private func recover(from error: any Error, _ file: HistoryFile?) -> HistoryFile? {
        metrics.failures.add()
        surroundings.parts.report(History.partName, .degraded, "\(error)")
        if let error = error as? SQLiteError, error.isDamage {
            surroundings.log.error(History.partName, "\(path) is damaged: \(error.message)")
            rescue()
            return nil
        }
        surroundings.log.error(
            History.partName, repeats: "\(error)", "\(error); what arrives stays in the journal meanwhile")
        let end = now + retryDelay
        _ = orders.wait(until: end) { !$0.isStopping }
        retryDelay = min(retryDelay * 2, Self.longestRetry)
        return (error as? SQLiteError)?.isTooNew == true ? nil : file
    }

    private func rescue() {
        do {
            let saved = try HistoryRescue.rescue(
                path, widths: options.widths, sealed: journal.cursor(History.partName) ?? 0,
                clocks: surroundings.clocks)
            for loss in saved.losses.values { lost(loss, .damage, loss.count) }
            surroundings.log.error(
                History.partName,
                "the damaged history is kept as \(saved.asidePath); "
                    + (saved.lackedRoom
                        ? "there was no room to copy what can be read of it: take it to a larger disk, as history.db"
                        : "\(saved.rows) rows in \(saved.chunks) chunks were saved from it, "
                            + "\(saved.damagedChunks) chunks could not be"))
        } catch {
            surroundings.log.error(History.partName, repeats: "rescue", "\(error)")
            _ = orders.wait(until: now + Self.longestRetry) { !$0.isStopping }
        }
    }

    // MARK: Sealing

    private func seal(_ file: HistoryFile, everything: Bool) throws {
        let reader = try JournalReader(directory: options.directory)
        var sealing = Sealing(memory: options.headMemory)
        file.rollUpLimit = surroundings.clocks.wall()
        // Everything is what is there now: to run after what comes meanwhile would make chunks of a few readings.
        while !isStopping, everything ? file.sealed < reader.horizon : metrics.waiting >= sealing.mostRows {
            if !everything { try reader.refresh() }
            let start = now
            let from = file.sealed
            let readings = try journal.whileTaken {
                let readings = try sealing.seal(reader, into: file, policy: policy)
                if file.sealed > from { journal.move(cursor: History.partName, to: file.sealed) }
                return readings
            }
            for damage in reader.damages { surroundings.log.error(History.partName, repeats: damage, damage) }
            guard file.sealed > from else { break }
            for (batch, gap) in reader.losses where batch > from && batch <= file.sealed { journal.submit(gap) }
            metrics.seals.add()
            metrics.sealTime.record(now - start)
            metrics.sealed.add(readings)
            try file.checkpointIfDue()
            waitingSince = now
        }
        // Batches that were damaged, or deleted for want of room, do not come any more.
        try countWaiting(reader, after: file.sealed)
    }

    // MARK: Letting go

    private func expire(_ file: HistoryFile) throws {
        let time = clock.advance()
        if time != file.retentionClock { try file.transaction { try file.move(retentionClock: time) } }
        var steps = 0
        for series in file.latest.keys.sorted() {
            guard let rule = policy.retention.rule(for: policy.definition(of: series).name) else { continue }
            // After so many the journal gets its turn, and the next round goes on.
            while steps < Self.mostStepsARound, !isStopping {
                let gone = try file.expire(series, by: rule)
                if gone.isEmpty { break }
                steps += 1
                metrics.expired.add(gone.reduce(0) { $0 + $1.count })
                try file.checkpointIfDue()
            }
        }
        if steps < Self.mostStepsARound { nextExpiry = now + Self.expiryInterval }
    }

    /// The ladder: readings first, the oldest of all series, then rollups from the finest on.
    private func limit(_ file: HistoryFile) throws {
        let limit = options.maxSize - options.maxSize / 32
        for _ in 0..<Self.mostStepsARound {
            let size = try file.size()
            guard size.used + journal.bytesUsed > limit, !isStopping else { break }
            guard try shed(file, .size) else { break }
        }
        journal.setAside(bytes: try file.size().used)
        guard missingReserve > 0 else { return }
        try file.cutLog()
        for _ in 0..<Self.mostStepsARound where try !isStopping && missingReserve > promised(file) {
            if try file.size().free == 0, try !shed(file, .reserve) { break }
            try giveBack(file)
        }
    }

    /// Bytes by which the disk has less left than it should.
    private var missingReserve: Int {
        guard let space = Files.space(options.directory) else { return 0 }
        return min(options.reserve, space.all / Self.mostReserved) - space.free
    }

    /// Bytes that go back to the disk as soon as no reader of an old moment is in the way: of the file, and its log.
    private func promised(_ file: HistoryFile) throws -> Int {
        let size = try file.size()
        return max(0, (Files.size(path) ?? 0) - size.used - size.free) + (Files.size(path + "-wal") ?? 0)
    }

    private func shed(_ file: HistoryFile, _ reason: Gap.Reason) throws -> Bool {
        let gone = try file.shed(rollups: reason == .size)
        for entry in gone { lost(entry, reason, entry.count) }
        metrics.shed.add(gone.reduce(0) { $0 + $1.count })
        if !gone.isEmpty {
            surroundings.log.warning(
                History.partName, repeats: reason.rawValue,
                "\(reason == .size ? "max_size is reached" : "the disk has less than reserve left"): the oldest "
                    + "readings are being deleted (see the gaps table)")
        }
        return !gone.isEmpty
    }

    private func lost(_ entry: ChunkEntry, _ reason: Gap.Reason, _ count: Int) {
        let name = policy.definition(of: entry.label.series).name.description
        let source = entry.label.width == 0 ? name : "\(name) (\(Buckets.name(ofWidth: entry.label.microseconds)))"
        journal.submit(Gap(source: source, reason: reason, first: entry.first, last: entry.last, count: count))
    }

    private func tidy(_ file: HistoryFile) throws {
        try file.checkpointIfDue()
        let size = try file.size()
        if size.free > Self.leastGivenBack, size.free > size.used / Self.shareKeptFree { try giveBack(file) }
        metrics.bytesUsed.set(size.used)
        metrics.bytesFree.set(size.free)
        metrics.bytesWritten.set(file.bytesWritten)
    }

    private func giveBack(_ file: HistoryFile) throws {
        try file.shrink(pages: Self.pagesGivenBackAtOnce)
        try file.checkpointIfDue(force: true)
    }
}

/// By which readings grow old; see `Retention.clock`.
private struct RetentionClock {
    private let clocks: Clocks
    private var time = Int64.min
    private var lastLook: MonotonicTime
    private var offset: Int64
    private var steadySince: MonotonicTime

    /// A clock that is set right by so much has not leapt.
    private static let adjustment: Int64 = 60_000_000

    init(_ clocks: Clocks) {
        self.clocks = clocks
        lastLook = clocks.monotonic()
        steadySince = lastLook
        offset = clocks.wall() - lastLook.nanoseconds / 1000
    }

    mutating func start(from stored: Int64) { time = max(time, stored) }

    mutating func advance() -> Int64 {
        let (now, wall) = (clocks.monotonic(), clocks.wall())
        let offset = wall - now.nanoseconds / 1000
        if abs(offset - self.offset) > Self.adjustment {
            self.offset = offset
            steadySince = now
        }
        time = Retention.clock(
            after: time, wall: wall, elapsed: (now - lastLook).nanoseconds / 1000,
            steady: (now - steadySince).nanoseconds / 1000)
        lastLook = now
        return time
    }
}
