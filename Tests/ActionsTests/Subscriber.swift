import Glibc
import Mosquitto
import Platform
import Synchronization

/// Listens at a broker, and keeps what it hears.
final class Subscriber: Sendable {
    struct Message: Sendable, Hashable {
        var topic: String
        var text: String
        /// Kept by the broker from before.
        var isRetained: Bool
    }

    private let heard = Mutex<(messages: [Message], isSubscribed: Bool)>(([], false))
    private let isStopping = Atomic(false)
    private static let number = Atomic(0)

    var messages: [Message] { heard.withLock { $0.messages } }
    var isSubscribed: Bool { heard.withLock { $0.isSubscribed } }

    /// The texts under a topic, in order.
    func texts(_ topic: String) -> [String] { messages.filter { $0.topic == topic }.map(\.text) }

    init(port: Int, filter: String = "#") throws {
        let id = "listener-\(Self.number.add(1, ordering: .relaxed).newValue)"
        _ = try DedicatedThread("subscriber", stackBytes: 1 << 20) { [self] in
            let session = Session(filter) { change in self.heard.withLock { change(&$0) } }
            try? session.listen(id, port: port) { self.isStopping.load(ordering: .relaxed) }
        }
    }

    deinit { isStopping.store(true, ordering: .relaxed) }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    private final class Session: ClientDelegate {
        typealias Change = (inout (messages: [Message], isSubscribed: Bool)) -> Void

        private let filter: String
        private let note: (Change) -> Void
        private var client: Client?
        private var progress = 0

        init(_ filter: String, note: @escaping (Change) -> Void) {
            self.filter = filter
            self.note = note
        }

        func connected(code: Int, sessionPresent: Bool) {
            progress += 1
            try? client?.subscribe(filter, qos: 1)
        }

        func subscribed(granted: [Int]) {
            progress += 1
            note { $0.isSubscribed = true }
        }

        func received(_ message: IncomingMessage) {
            progress += 1
            let message = Message(
                topic: String(decoding: message.topic, as: UTF8.self),
                text: String(decoding: message.payload, as: UTF8.self), isRetained: message.isRetained)
            note { $0.messages.append(message) }
        }

        func listen(_ id: String, port: Int, isStopping: () -> Bool) throws {
            let client = Client(id: id, keepsSession: false, version: .v5, delegate: self)
            self.client = client
            try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(60), sessionExpiry: 0)
            while !isStopping() {
                try client.writePackets()
                let until = Clocks.system.monotonic() + .milliseconds(20)
                if pollDescriptors([(client.descriptor, POLLIN)], until: until)[0] != 0 {
                    var before: Int
                    repeat {
                        before = progress
                        try client.readPacket()
                    } while progress > before
                }
                try client.keepAlive()
            }
            client.closeConnection()
        }
    }
}
