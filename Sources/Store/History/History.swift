import Journal
import Platform
import Readings

public struct HistoryOptions: Sendable {
    public var directory: String
    /// Bytes of readings that are sorted in memory at once.
    public var headMemory = 16 << 20
    /// The longest that readings wait in the journal.
    public var sealAfter: Duration = .seconds(3600)
    /// Of the rollups, in microseconds, ascending; each is a multiple of the one before.
    public var widths: [Int64] = [60_000_000, 3_600_000_000, 86_400_000_000]
    public var retention = Retention()
    /// Bytes that journal and history may take together.
    public var maxSize = 20_000_000_000
    /// Bytes of the disk that are left free.
    public var reserve = 0
    /// Tests put a disk here that fails, tears or waits.
    public var vfs: String?

    public init(directory: String) { self.directory = directory }

    /// With the rollups that a directory has already, and no limit that was not asked for.
    public init(asIn directory: String) throws {
        self.directory = directory
        maxSize = .max
        if let reading = try HistoryReading(directory: directory), !reading.state.widths.isEmpty {
            widths = reading.state.widths
        }
    }
}

/// Keeps `history.db`: seals what the journal has gathered, rolls it up, and lets go of what is old or too much. It is
/// the one writer of that file, on a thread of its own, and nothing waits for it: what is not sealed yet is in the
/// journal.
public final class History: Sendable {
    public static let partName = "history"

    struct Orders: Sendable {
        var isStopping = false
        var isOver = false
        /// How often everything was asked to be sealed now, and how often that was done.
        var drainsAsked = 0
        var drainsDone = 0
    }

    public let metrics: HistoryMetrics
    private let options: HistoryOptions
    private let journal: Journal
    private let surroundings: Surroundings
    private let orders = Monitor(Orders())

    public init(_ options: HistoryOptions, journal: Journal, surroundings: Surroundings) {
        self.options = options
        self.journal = journal
        self.surroundings = surroundings
        metrics = HistoryMetrics(surroundings.metrics)
    }

    public func start() throws(SystemError) {
        _ = try DedicatedThread("history", stackBytes: 1 << 20) { [self] in
            HistoryKeeper(options, journal: journal, surroundings: surroundings, metrics: metrics, orders: orders).run()
            orders.withLock { $0.isOver = true }
            orders.notify()
        }
        let enough = Sealing(memory: options.headMemory).mostRows
        journal.afterCommits { [orders, metrics] in if metrics.waiting >= enough { orders.notify() } }
    }

    /// Seals everything that is in the journal now. False when that was not done by the deadline.
    public func drain(deadline: MonotonicTime) -> Bool {
        let ticket = orders.withLock {
            $0.drainsAsked += 1
            return $0.drainsAsked
        }
        orders.notify()
        return orders.wait(until: deadline) { $0.drainsDone < ticket && !$0.isOver }
    }

    /// Ends at the next safe point. False when it did not by the deadline; nothing is lost by that.
    public func stop(deadline: MonotonicTime) -> Bool {
        orders.withLock { $0.isStopping = true }
        orders.notify()
        return orders.wait(until: deadline) { !$0.isOver }
    }

    /// The last batch of the journal that the history in a directory has; 0 where there is none, or none readable.
    public static func sealed(in directory: String) -> Int64 {
        (try? HistoryReading(directory: directory))?.state.sealed ?? 0
    }

    /// What series are called in the history of a directory.
    public static func definitions(in directory: String) -> [(id: SeriesID, definition: SeriesDefinition)] {
        (try? HistoryReading(directory: directory))?.definitions ?? []
    }
}
