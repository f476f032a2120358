/// What goes on while the alarms are measured.
public enum LatencyScene: CaseIterable, Sendable {
    case rest
    /// 20,000 messages a second at QoS 0, on a store that is full: history is sealed, joined and deleted meanwhile.
    case load
    /// 1,000 messages a second at QoS 1, and a disk on which a sync takes two seconds.
    case slowDisk
    /// Nothing else, and the alarm comes from a Modbus device and sets a coil of it.
    case modbus

    var title: String {
        switch self {
        case .rest: "at rest"
        case .load: "20000 messages/s at QoS 0, the store is full"
        case .slowDisk: "1000 messages/s at QoS 1, a sync takes 2 s"
        case .modbus: "Modbus, from the answer to the coil"
        }
    }

    var qos: Int { self == .slowDisk ? 1 : 0 }

    /// Beside the measured ones.
    var messagesPerSecond: Int {
        switch self {
        case .rest, .modbus: 0
        case .load: 20_000
        case .slowDisk: 1000
        }
    }

    /// Before it begins: more than max_size allows.
    var storedReadings: Int { self == .load ? 12_000_000 : 0 }

    var syncMilliseconds: Int { self == .slowDisk ? 2000 : 0 }

    func configuration(brokerPort: Int, devicePort: Int, data: String) -> String {
        let action =
            self == .modbus
            ? """
            [[action]]
            name = "act"
            kind = "modbus_write"
            point = "device/coil"
            value = 1
            [[modbus]]
            name = "bench"
            address = "tcp://127.0.0.1:\(devicePort)"
              [[modbus.device]]
              name = "device"
              every = "20ms"
                [[modbus.device.point]]
                series = "coil"
                address = 0
                table = "coil"
                writable = true
            """
                + (0..<LatencyRound.mostAlarms).map {
                    "\n    [[modbus.device.point]]\n    series = \"watched/\($0)\"\n    address = \($0)\n"
                }.joined()
            : """
            [[action]]
            name = "act"
            kind = "mqtt"
            broker = "bench"
            topic = "alarm/{series}"
            qos = 0
            """
        return """
            [gateway]
            id = "bench"
            data = "\(data)"
            [store]
            max_size = "16MiB"
            seal_after = "1s"
            [[mqtt]]
            name = "bench"
            broker = "mqtt://127.0.0.1:\(brokerPort)"
              [[mqtt.topic]]
              filter = "load/+"
              qos = \(qos)
              format = "number"
              series = "{topic}"
              [[mqtt.topic]]
              filter = "watched/+"
              qos = \(qos)
              format = "number"
              series = "{topic}"
            [[alarm]]
            name = "hot"
            series = "\(self == .modbus ? "device/" : "")watched/*"
            above = 50
            actions = ["act"]
            [[alarm]]
            name = "load"
            series = "load/*"
            above = 1000000

            """ + action
    }
}
