import Platform
import Synchronization

/// What the history says of itself in numbers.
public final class HistoryMetrics: Sendable {
    public let sealed: Counter
    let seals: Counter
    let sealTime: Histogram
    let expired: Counter
    let shed: Counter
    let failures: Counter
    public let bytesUsed: Gauge
    public let bytesFree: Gauge
    public let bytesWritten: Gauge
    private let committed = Mutex<(@Sendable () -> Int)?>(nil)

    init(_ metrics: Metrics) {
        sealed = metrics.counter("outpost_history_readings_total", "Readings moved from the journal into history.")
        seals = metrics.counter("outpost_history_seals_total", "Transactions that moved readings into history.")
        sealTime = metrics.histogram("outpost_history_seal_seconds", "Time that such a transaction took.")
        expired = metrics.counter("outpost_history_expired_rows_total", "Rows deleted by a retention rule.")
        shed = metrics.counter("outpost_history_shed_rows_total", "Rows deleted for want of room (see gaps).")
        failures = metrics.counter("outpost_history_failures_total", "Transactions that failed and were tried again.")
        bytesUsed = metrics.gauge("outpost_history_size_bytes", "Bytes of the history that hold something.")
        bytesFree = metrics.gauge("outpost_history_free_bytes", "Bytes of its file that are free for what comes.")
        bytesWritten = metrics.gauge("outpost_history_written_bytes", "Bytes given to the disk since the start.")
        metrics.computed("outpost_history_waiting_readings", "Readings in the journal that are not in history yet.") {
            [weak self] in Double(self?.waiting ?? 0)
        }
    }

    /// Readings in the journal that are not in history yet.
    public var waiting: Int { max(0, (committed.withLock { $0 }?() ?? 0) - sealed.value) }

    /// `arrived` counts all readings that were to be sealed since the start.
    func count(arrived: @escaping @Sendable () -> Int) { committed.withLock { $0 = arrived } }
}
