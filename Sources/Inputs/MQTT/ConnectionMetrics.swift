import Payloads
import Platform

/// What one connection counts.
struct ConnectionMetrics {
    let messages: Counter
    let bytes: Counter
    let readings: Counter
    let retained: Counter
    let unmapped: Counter
    let refused: Counter
    let dropped: Counter
    let connects: Counter
    let unacknowledged: Gauge
    private let undecoded: [PayloadProblem.Reason: Counter]

    init(_ metrics: Metrics, connection: String) {
        let labels = ["connection": connection]
        messages = metrics.counter("outpost_mqtt_messages_total", "Messages read from the broker.", labels)
        bytes = metrics.counter("outpost_mqtt_payload_bytes_total", "Bytes of payload read.", labels)
        readings = metrics.counter("outpost_mqtt_readings_total", "Readings decoded.", labels)
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
    }

    func countUndecoded(_ reason: PayloadProblem.Reason) { undecoded[reason]?.add() }
}
