import Payloads

extension Settings {
    /// What would run, on one screen and without secrets.
    public func summary() -> String {
        let general = """
            gateway     \(gateway.id)
            data        \(gateway.data)
            durability  \(store.durability.summary), committed every \(DurationText.write(store.commitEvery))
            limits      \(SizeText.write(store.maxSize)), \(store.maxSeries) series
            rollups     \(store.rollups.isEmpty ? "none" : store.rollups.map(DurationText.write).joinedAsWords)

            """
        let inputs = mqtt.isEmpty && modbus.isEmpty ? "inputs      none: nothing would be read\n" : ""
        return general + retentionSummary + inputs + mqtt.map { $0.summary() }.joined()
            + modbus.map { $0.summary() }.joined() + actions.map { $0.summary() }.joined()
            + alarmRules.map { $0.summary() }.joined()
    }
}

extension Settings {
    private var retentionSummary: String {
        if retention.isEmpty { return "retention   everything, as long as there is room\n" }
        return retention.enumerated().map { index, rule in
            (index == 0 ? "retention   " : "            ") + rule.summary(widths: store.rollups) + "\n"
        }.joined()
    }
}

extension RetentionSettings {
    fileprivate func summary(widths: [Duration]) -> String {
        let names = ["raw"] + widths.map(DurationText.write)
        let kept = zip(names, [raw] + rollups).map { name, duration in
            "\(name) \(duration.map { "for " + DurationText.write($0) } ?? "forever")"
        }
        return "\(series)  \(kept.joined(separator: ", "))"
    }
}

extension StoreSettings.Durability {
    fileprivate var summary: String {
        switch self {
        case .power: "survives a power cut"
        case .process: "survives the end of the process"
        }
    }
}

extension MQTTSettings {
    fileprivate func summary() -> String {
        let user = username.map { ", user \($0)" } ?? ""
        return "mqtt        \(name): \(broker) as \(clientID)\(user)\n" + topics.map { $0.summary() }.joined()
    }
}

extension TopicSettings {
    fileprivate func summary() -> String {
        "            \(filter)  \(format.summary) into \(series), QoS \(qos)\n"
    }
}

extension ModbusSettings {
    fileprivate func summary() -> String {
        let load = load.map { ", \(Self.percent($0)) of its time" } ?? ""
        return "modbus      \(name): \(address)\(load)\n" + devices.map { $0.summary() }.joined()
    }
}

extension ModbusDeviceSettings {
    fileprivate func summary() -> String {
        "            \(name)  unit \(unit), \(Self.count(points.count, "point")) in \(Self.count(requests.count, "request"))\n"
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension ActionSettings {
    fileprivate func summary() -> String { "action      \(name): \(work.summary)\n" }
}

extension ActionSettings.Work {
    fileprivate var summary: String {
        switch self {
        case .mqtt(let settings): "tells \(settings.broker) under \(settings.topic) and \(settings.events)"
        case .webhook(let settings): "tells \(settings.url)\(settings.secret == nil ? "" : ", signed")"
        case .command(let settings): "runs \(settings.program), \(settings.maxRunning) at once at most"
        case .modbusWrite(let settings):
            "writes \(settings.value) to \(settings.point)\(settings.clearValue.map { ", then \($0)" } ?? "")"
        case .gpio(let settings): "switches line \(settings.line) of \(settings.chip)"
        case .log: "a line in the log"
        }
    }
}

extension MessageFormat {
    fileprivate var summary: String {
        switch self {
        case .payload(let format): format.summary
        case .homie: "devices of Homie"
        case .sparkplug: "edge nodes of Sparkplug B"
        case .homeassistant: "what is announced to Home Assistant"
        }
    }
}

extension PayloadFormat {
    fileprivate var summary: String {
        switch self {
        case .number: "a number"
        case .text: "a text"
        case .line: "line protocol"
        case .senml: "SenML"
        case .availability: "whether a device is there"
        case .csv(let mapping): "\(mapping.columns.count) columns"
        case .binary(let mapping): "\(mapping.layout.byteCount) bytes"
        case .json(let mapping) where mapping.fields.isEmpty: "all numbers in JSON"
        case .json(let mapping) where mapping.fields.count == 1: "one value in JSON"
        case .json(let mapping): "\(mapping.fields.count) values in JSON"
        }
    }
}
