import Glibc
import Mosquitto
import Platform

/// The least that a subscriber on libmosquitto can do: it counts. It reads until nothing more is there, as the gateway
/// does; the library's own loop would ask the kernel before each packet.
final class CountingSubscriber: Receiver {
    private let shown = Gauge()
    private let stopped: WakeUp
    private let thread: DedicatedThread

    init(port: Int, qos: Int) throws(SystemError) {
        let stopped = try WakeUp()
        self.stopped = stopped
        thread = try DedicatedThread("subscriber") { [shown] in
            do throws(MQTTError) {
                try SubscriberLoop(qos: qos, shown: shown).run(port: port, until: stopped)
            } catch {
                // The process is nothing but this subscriber.
                Log.toStderr("the subscriber lost its broker: \(error)\n")
                exit(1)
            }
        }
    }

    var messages: Int { shown.value }

    func stop() {
        stopped.call()
        thread.join()
    }
}

private final class SubscriberLoop: ClientDelegate {
    private static let packetsPerPass = 1000

    private let qos: Int
    private let shown: Gauge
    private var client: Client?
    private var count = 0
    private var progress = 0

    init(qos: Int, shown: Gauge) {
        self.qos = qos
        self.shown = shown
    }

    func run(port: Int, until stopped: WakeUp) throws(MQTTError) {
        let client = Client(id: "subscriber", keepsSession: false, version: .v5, delegate: self)
        self.client = client
        // No round is as long as this keep-alive, so nothing has to be sent for it.
        try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(3600), sessionExpiry: 0)
        while true {
            try client.writePackets()
            let ready = pollDescriptors(
                [(client.descriptor, POLLIN), (stopped.descriptor, POLLIN)],
                until: Clocks.system.monotonic() + .seconds(1))
            if ready[1] != 0 { return }
            if ready[0] != 0 { try readPass(client) }
        }
    }

    private func readPass(_ client: Client) throws(MQTTError) {
        for _ in 0..<Self.packetsPerPass {
            let before = progress
            try client.readPacket()
            if progress == before { return }
        }
    }

    func connected(code: Int, sessionPresent: Bool) {
        progress += 1
        // A refusal shows: no message comes.
        try? client?.subscribe(MQTTLoad.filter, qos: qos)
    }

    func subscribed(granted: [Int]) { progress += 1 }

    func received(_ message: IncomingMessage) {
        progress += 1
        count += 1
        shown.set(count)
    }
}
