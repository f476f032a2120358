import Polling
import Readings

/// What no two lines, devices or points may share, and what a line has time for.
struct ModbusRules {
    private var names: [String: Place] = [:]
    private var paths: [String: Place] = [:]
    private var series: [SeriesName: Place] = [:]

    mutating func check(_ line: ModbusSettings, _ table: TableReader) {
        let namePlace = table.place(of: "name")
        if let other = names.updateValue(namePlace, forKey: line.name) {
            table.log.error("name: \"\(line.name)\" is the name of the line at \(other) too", at: namePlace)
        }
        if case .serial(let path, _) = line.address {
            let place = table.place(of: "address")
            if let other = paths.updateValue(place, forKey: path) {
                table.log.error("address: the line at \(other) is \(path) too: two cannot speak on it", at: place)
            }
        }
        var names: Set<String> = []
        for device in line.devices where !names.insert(device.name).inserted {
            table.log.error("two devices of this line have the name \(quoted(device.name))", at: table.place)
        }
        checkLoad(of: line, table)
    }

    mutating func check(_ point: ModbusPointSettings, _ table: TableReader) {
        let place = table.place(of: "series")
        if let other = series.updateValue(place, forKey: point.series) {
            table.log.error("series: the point at \(other) has the series \(point.series) too", at: place)
        }
    }

    private func checkLoad(of line: ModbusSettings, _ table: TableReader) {
        guard let load = line.load, case .serial(_, let format) = line.address, load > ModbusSettings.highLoad else {
            return
        }
        let verb = load > 1 ? "would need" : "needs"
        let message =
            "\(line.name) \(verb) \(ModbusSettings.percent(load)) of its time at \(format.baud) baud: poll less often "
            + "(every), or faster (baud)"
        if load > 1 {
            table.log.error(message, at: table.place)
        } else {
            table.log.warning(message, at: table.place)
        }
    }
}

extension ModbusSettings {
    /// What is warned of: nothing is left for devices that are slow, or do not answer.
    static let highLoad = 0.8

    /// The share of a serial line's time that all of its requests take; nil where it is no serial line.
    public var load: Double? {
        guard case .serial(_, let format) = address else { return nil }
        let budget = LineBudget(format)
        return devices.reduce(0) { $0 + budget.load(of: $1.requests, pause: $1.pauseBetweenRequests) }
    }

    /// A load that is too much is never written as one that is not.
    static func percent(_ load: Double) -> String { "\(Int(min(load * 100, 1e9).rounded(.up))) %" }
}

extension ModbusDeviceSettings {
    /// As planned before anything is known of the device.
    public var requests: [PlannedRequest] { Planner.plan(points.map(\.point), unit: unit, limits: limits) }
}
