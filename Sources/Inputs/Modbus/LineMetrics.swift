import Platform
import Polling

/// What one line counts.
struct LineMetrics {
    let timeouts: Counter
    let garbage: Counter
    let strays: Counter
    let noise: Counter
    let missed: Counter
    let opened: Counter
    let readings: Counter
    let suppressed: Counter
    let dropped: Counter
    let latency: Histogram
    private let devices: [Device]

    /// Of the requests of one device; times in microseconds.
    private struct Device {
        let answered: Counter
        let refused: Counter
        let failed: Counter
        let latency: Gauge
        let asked: Gauge
        let achieved: Gauge
        let jitter: Gauge
        let isSilent: Gauge
    }

    init(_ metrics: Metrics, line: String, devices: [String]) {
        let labels = ["line": line]
        timeouts = metrics.counter(
            "outpost_modbus_timeouts_total", "How often a device was waited for in vain.", labels)
        garbage = metrics.counter(
            "outpost_modbus_garbage_total", "How often something came that could not be used.", labels)
        strays = metrics.counter(
            "outpost_modbus_strays_total", "Frames that came and were no answer to what was asked.", labels)
        noise = metrics.counter(
            "outpost_modbus_noise_bytes_total", "Bytes that came and belonged to no answer.", labels)
        missed = metrics.counter(
            "outpost_modbus_missed_total", "Moments at which a request was due and the line was busy.", labels)
        opened = metrics.counter("outpost_modbus_opened_total", "How often the line was opened.", labels)
        readings = metrics.counter("outpost_modbus_readings_total", "Readings, those without a value too.", labels)
        suppressed = metrics.counter(
            "outpost_modbus_suppressed_total", "Readings left out by deadband or min_interval.", labels)
        dropped = metrics.counter(
            "outpost_modbus_dropped_readings_total", "Readings dropped because the journal was full.", labels)
        latency = metrics.histogram("outpost_modbus_latency_seconds", "From a request to its answer.", labels)
        self.devices = devices.map { device in
            func gauge(_ name: String, _ help: String) -> Gauge {
                metrics.gauge("outpost_modbus_\(name)", help, ["line": line, "device": device])
            }
            func requests(_ outcome: String) -> Counter {
                metrics.counter(
                    "outpost_modbus_requests_total", "Requests by what became of them.",
                    ["line": line, "device": device, "outcome": outcome])
            }
            return Device(
                answered: requests("answered"), refused: requests("exception"), failed: requests("failed"),
                latency: gauge("device_latency_microseconds", "From a request to its answer."),
                asked: gauge("period_microseconds", "The shortest period that is asked of the device."),
                achieved: gauge("achieved_period_microseconds", "The period that it is polled at."),
                jitter: gauge("jitter_microseconds", "How late its polls begin."),
                isSilent: gauge("silent", "1 while the device does not answer and is left alone."))
        }
    }

    func count(_ outcome: LineSchedule.Outcome, of device: Int) {
        switch outcome {
        case .answered: devices[device].answered.add()
        case .refused: devices[device].refused.add()
        case .failed: devices[device].failed.add()
        }
    }

    /// `asked` and `figures` are those of the request with the shortest period.
    func show(_ device: Int, asked: Int64, _ figures: PollFigures, isSilent: Bool) {
        devices[device].asked.set(Int(asked / 1000))
        devices[device].achieved.set(Int(figures.achieved / 1000))
        devices[device].latency.set(Int(figures.latency / 1000))
        devices[device].jitter.set(Int(figures.jitter / 1000))
        devices[device].isSilent.set(isSilent ? 1 : 0)
    }
}
