import Polling
import Readings

/// What actions name, and what no two of them may share.
struct ActionRules {
    private struct Line: Hashable {
        let chip: String
        let number: Int
    }

    /// Nil where some of them could not be read: then nobody knows which are missing.
    let brokers: [MQTTSettings]?
    let lines: [ModbusSettings]?
    private let gatewayID: String
    private var names: [String: Place] = [:]
    private var gpio: [Line: Place] = [:]

    init(gatewayID: String, brokers: [MQTTSettings?], lines: [ModbusSettings?]) {
        self.gatewayID = gatewayID
        self.brokers = brokers.contains { $0 == nil } ? nil : brokers.compactMap(\.self)
        self.lines = lines.contains { $0 == nil } ? nil : lines.compactMap(\.self)
    }

    mutating func check(_ action: ActionSettings, _ table: TableReader) {
        let namePlace = table.place(of: "name")
        if let other = names.updateValue(namePlace, forKey: action.name) {
            table.log.error("name: \"\(action.name)\" is the name of the action at \(other) too", at: namePlace)
        }
        switch action.work {
        case .gpio(let output): check(output, table)
        case .mqtt(let messages): check(messages, table)
        case .webhook, .command, .modbusWrite, .log: break
        }
    }

    private mutating func check(_ output: GPIOSettings, _ table: TableReader) {
        let place = table.place(of: "line")
        if let other = gpio.updateValue(place, forKey: Line(chip: output.chip, number: output.line)) {
            table.log.error("line: the action at \(other) has this line of \(output.chip) too", at: place)
        }
    }

    private func check(_ messages: MQTTActionSettings, _ table: TableReader) {
        let own = OwnTopics(messages, gatewayID: gatewayID)
        for filter in own.takers(among: brokers ?? [], of: messages.broker) {
            table.log.warning(
                "the subscription \(quoted(filter)) takes what this action publishes for readings: leave that out by except, "
                    + "such as except = [\"outpost/**\"]",
                at: table.place(of: table.has("topic") ? "topic" : "broker"))
        }
    }

    // MARK: - What there is

    func checkBroker(_ name: String) throws(ValueError) {
        guard let known = brokers?.map(\.name), !known.contains(name) else { return }
        if known.isEmpty { throw ValueError("there is no [[mqtt]] section that it could be") }
        throw ValueError("no [[mqtt]] section has the name \(quoted(name))\(Suggestions.hint(for: name, among: known))")
    }

    /// Nil where nobody knows.
    func point(_ series: SeriesName) throws(ValueError) -> (unit: UInt8, point: Point)? {
        guard let lines else { return nil }
        let points = lines.flatMap(\.devices).flatMap { device in device.points.map { (device.unit, $0) } }
        let found = points.filter { $0.1.series == series }
        if let (unit, settings) = found.first(where: { $0.1.point.isWritable }) { return (unit, settings.point) }
        guard found.isEmpty else {
            throw ValueError("the point \(quoted(series.description)) is not marked: it needs writable = true")
        }
        let known = points.filter(\.1.point.isWritable).map(\.1.series.description)
        let hint =
            known.isEmpty
            ? "; none is writable" : Suggestions.hint(for: series.description, among: known)
        throw ValueError("no [[modbus]] section has the point \(quoted(series.description))\(hint)")
    }
}
