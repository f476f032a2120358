import Platform

/// What one action counts.
struct ActionMetrics {
    let done: Counter
    let failed: Counter
    let dropped: Counter
    let superseded: Counter
    let seconds: Histogram

    init(_ metrics: Metrics, action: String, waiting: @escaping @Sendable () -> Int) {
        let labels = ["action": action]
        done = metrics.counter("outpost_action_done_total", "Requests of alarms that were done.", labels)
        failed = metrics.counter("outpost_action_failed_total", "Requests of alarms that were given up.", labels)
        dropped = metrics.counter(
            "outpost_action_dropped_total", "Requests of alarms that made way for worse ones.", labels)
        superseded = metrics.counter(
            "outpost_action_superseded_total", "Requests of alarms that newer ones took the place of.", labels)
        seconds = metrics.histogram(
            "outpost_action_seconds", "From the request of an alarm to its being done.", labels)
        metrics.computed("outpost_action_waiting", "Requests of alarms that wait for their turn.", labels) {
            Double(waiting())
        }
    }
}
