import Glibc
import Mosquitto
import Platform

/// Publishes what the plant says, once a second, until it is stopped.
public final class PlantPublisher: Sendable {
    /// The gateway's topics and registers for this plant.
    public static func configuration(brokerPort: Int, modbusPort: Int, data: String) -> String {
        """
        [gateway]
        id = "demo"
        data = "\(data)"

        [[mqtt]]
        name = "plant"
        broker = "mqtt://127.0.0.1:\(brokerPort)"

          [[mqtt.topic]]
          filter = "plant/+/+"
          format = "number"
          series = "{topic}"

          [[mqtt.topic]]
          filter = "machines/+"
          format = "json"
          series = "{topic}"
          fields = { force = "force", vibration = "vibration", pieces = "pieces", state = "state" }
          time = "ts"
          time_format = "ms"

        [[modbus]]
        name = "supply"
        address = "tcp://127.0.0.1:\(modbusPort)"

          [[modbus.device]]
          name = "meter"
          unit = 1

            [[modbus.device.point]]
            series = "voltage"
            ref = 30001
            type = "f32"
            valid = [225, 235]
            unit = "V"

            [[modbus.device.point]]
            series = "power"
            ref = 30053
            type = "f32"
            valid = [0, 12000]
            unit = "W"

          [[modbus.device]]
          name = "pump"
          unit = 2

            [[modbus.device.point]]
            series = "state"
            address = 0
            bits = "0-1"
            labels = { 0 = "STOP", 1 = "RUN" }

            [[modbus.device.point]]
            series = "speed"
            address = 1
            scale = 0.1
            valid = [0, 50]
            unit = "Hz"

        [[action]]
        name = "bus"
        kind = "mqtt"
        broker = "plant"

        [[alarm]]
        name = "force"
        series = "machines/*/force"
        warning = { above = 2300 }
        critical = { above = 2390 }
        off_delay = "10s"
        message = "{series} has reached {value}, over {limit}"
        actions = ["bus"]

        [[alarm]]
        name = "boiler-hot"
        series = "plant/boiler/temperature"
        above = 73.5
        deadband = 1
        actions = ["bus"]

        [[alarm]]
        name = "tank-empty"
        series = "plant/yard/tank-level"
        forecast = { limit = 12, within = "6h", over = "5m", direction = "falling" }
        actions = ["bus"]

        [[alarm]]
        name = "unusual"
        series = "machines/*/vibration"
        anomaly = { every = "5s" }
        actions = ["bus"]

        [[alarm]]
        name = "silent"
        series = "**"
        stale_after = "15s"
        actions = ["bus"]

        """
    }

    private let stopped: WakeUp
    private let thread: DedicatedThread

    public init(port: Int) throws(SystemError) {
        let stopped = try WakeUp()
        self.stopped = stopped
        thread = try DedicatedThread("plant") { publish(port: port, until: stopped) }
    }

    public func stop() {
        stopped.call()
        thread.join()
    }
}

private final class Listener: ClientDelegate {
    func connected(code: Int, sessionPresent: Bool) {}
    func subscribed(granted: [Int]) {}
    func received(_ message: IncomingMessage) {}
}

private func publish(port: Int, until stopped: WakeUp) {
    let listener = Listener()
    var plant = Plant(generator: SystemRandomNumberGenerator())
    let clocks = Clocks.system
    while true {
        let client = Client(id: "plant", keepsSession: false, version: .v311, delegate: listener)
        do throws(MQTTError) {
            try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(30), sessionExpiry: 0)
            var next = clocks.monotonic()
            while true {
                let wall = clocks.wall()
                for message in plant.step(second: Int(wall / 1_000_000), microseconds: wall) {
                    try client.publish(message.topic, Array(message.payload.utf8), qos: 1)
                }
                next = next + .seconds(1)
                while clocks.monotonic() < next {
                    try client.writePackets()
                    let ready = pollDescriptors(
                        [(client.descriptor, POLLIN), (stopped.descriptor, POLLIN)], until: next)
                    if ready[1] != 0 { return }
                    if ready[0] != 0 { try client.readPacket() }
                }
                try client.keepAlive()
            }
        } catch {
            // The broker went away: again in a second.
            let again = clocks.monotonic() + .seconds(1)
            if pollDescriptors([(stopped.descriptor, POLLIN)], until: again)[0] != 0 { return }
        }
    }
}
