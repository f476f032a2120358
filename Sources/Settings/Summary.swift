import Payloads

extension Settings {
    /// What would run, on one screen and without secrets.
    public func summary() -> String {
        let general = """
            gateway     \(gateway.id)
            data        \(gateway.data)
            durability  \(store.durability.summary), committed every \(DurationText.write(store.commitEvery))
            limits      \(SizeText.write(store.maxSize)), \(store.maxSeries) series

            """
        let inputs = mqtt.isEmpty ? "inputs      none: nothing would be read\n" : ""
        return general + inputs + mqtt.map { $0.summary() }.joined()
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

extension PayloadFormat {
    fileprivate var summary: String {
        switch self {
        case .number: "a number"
        case .json(let mapping) where mapping.fields.count == 1: "one value in JSON"
        case .json(let mapping): "\(mapping.fields.count) values in JSON"
        }
    }
}
