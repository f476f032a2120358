import Payloads
import Platform

/// What one connection counts.
struct ConnectionMetrics {
    let messages: Counter
    let bytes: Counter
    let readings: Counter
    let suppressed: Counter
    let skewed: Counter
    let retained: Counter
    let unmapped: Counter
    let refused: Counter
    let dropped: Counter
    let connects: Counter
    let unacknowledged: Gauge
    private let undecoded: [PayloadProblem.Reason: Counter]
    private let unmatched: [String: Gauge]

    init(_ metrics: Metrics, connection: String, filters: Set<String>) {
        let labels = ["connection": connection]
        messages = metrics.counter("outpost_mqtt_messages_total", "Messages read from the broker.", labels)
        bytes = metrics.counter("outpost_mqtt_payload_bytes_total", "Bytes of payload read.", labels)
        readings = metrics.counter("outpost_mqtt_readings_total", "Readings decoded.", labels)
        suppressed = metrics.counter(
            "outpost_mqtt_suppressed_total", "Readings left out by deadband or min_interval.", labels)
        skewed = metrics.counter(
            "outpost_mqtt_skewed_total", "Readings whose own time was further than max_skew from their arrival.", labels
        )
        retained = metrics.counter(
            "outpost_mqtt_retained_total", "Retained messages seen at a subscription and not stored.", labels)
        unmapped = metrics.counter(
            "outpost_mqtt_unmapped_total", "Messages that no topic of the configuration takes.", labels)
        refused = metrics.counter(
            "outpost_mqtt_refused_readings_total", "Readings of series that were refused.", labels)
        dropped = metrics.counter(
            "outpost_mqtt_dropped_readings_total", "Readings at QoS 0 dropped because the journal was full.", labels)
        connects = metrics.counter("outpost_mqtt_connects_total", "Connections made.", labels)
        unacknowledged = metrics.gauge(
            "outpost_mqtt_unacknowledged", "Messages read whose acknowledgement waits for the disk.", labels)
        var undecoded: [PayloadProblem.Reason: Counter] = [:]
        for reason in PayloadProblem.Reason.allCases {
            undecoded[reason] = metrics.counter(
                "outpost_mqtt_undecoded_total", "Messages that did not decode, wholly or in part.",
                ["connection": connection, "reason": reason.rawValue])
        }
        self.undecoded = undecoded
        var unmatched: [String: Gauge] = [:]
        for filter in filters.sorted() {
            unmatched[filter] = metrics.gauge(
                "outpost_mqtt_unmatched_mappings", "Filters that no message has matched since the start.",
                ["connection": connection, "filter": filter])
            unmatched[filter]?.set(1)
        }
        self.unmatched = unmatched
    }

    func unmatched(_ filter: String) -> Gauge? { unmatched[filter] }

    func countUndecoded(_ reason: PayloadProblem.Reason) { undecoded[reason]?.add() }
}
