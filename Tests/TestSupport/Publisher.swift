import Glibc
import Mosquitto
import Platform
import Synchronization

/// Publishes at QoS 1 from a thread of its own, and knows how many messages the broker has taken.
public final class Publisher: Sendable {
    public struct Message: Sendable {
        public var topic: String
        public var payload: [UInt8]
        /// The broker keeps it for those who come later.
        public var isRetained: Bool

        public init(_ topic: String, _ payload: String, isRetained: Bool = false) {
            self.init(topic, Array(payload.utf8), isRetained: isRetained)
        }

        public init(_ topic: String, _ payload: [UInt8], isRetained: Bool = false) {
            self.topic = topic
            self.payload = payload
            self.isRetained = isRetained
        }
    }

    private struct State {
        var sent = 0
        var taken = 0
        var isOver = false
        var failure: String?
    }

    /// Of messages on their way: more are not sent before an answer.
    private static let window = 1000

    private let state = Mutex(State())
    private let isStopping = Atomic(false)

    /// Sends message 0, 1, 2 ... as long as `message` gives one; at most `rate` a second where that is said.
    public init(
        port: Int, rate: Int? = nil, qos: Int = 1, _ message: @escaping @Sendable (Int) -> Message?
    ) throws {
        _ = try DedicatedThread("publisher", stackBytes: 1 << 20) { [self] in
            let run = Run(port: port, rate: rate, qos: qos, message)
            do {
                try run.publishAll(isStopping: { self.isStopping.load(ordering: .relaxed) }) { sent, taken in
                    self.state.withLock { ($0.sent, $0.taken) = (sent, taken) }
                }
            } catch {
                state.withLock { $0.failure = "\(error)" }
            }
            state.withLock { $0.isOver = true }
        }
    }

    /// Messages given to the broker so far.
    public var sent: Int { state.withLock { $0.sent } }
    /// Why it gave up, when it did.
    public var failure: String? { state.withLock { $0.failure } }

    /// Sends nothing more, and waits until the broker has taken all that was sent. Returns how many that were.
    public func finish() -> Int? {
        isStopping.store(true, ordering: .relaxed)
        return waitForEnd()
    }

    /// Waits until all messages are with the broker.
    public func waitForEnd() -> Int? {
        guard eventually(within: 120, { self.state.withLock { $0.isOver } }) else { return nil }
        return state.withLock { $0.failure == nil && $0.taken == $0.sent ? $0.sent : nil }
    }

    private final class Run: ClientDelegate {
        private let port: Int
        private let rate: Int?
        private let qos: Int
        private let message: (Int) -> Message?
        private var isConnected = false
        private var sent = 0
        private var taken = 0

        init(port: Int, rate: Int?, qos: Int, _ message: @escaping (Int) -> Message?) {
            self.port = port
            self.rate = rate
            self.qos = qos
            self.message = message
        }

        func connected(code: Int, sessionPresent: Bool) { isConnected = code == 0 }
        func subscribed(granted: [Int]) {}
        func received(_ message: IncomingMessage) {}
        func published(id: Int, reason: Int) { taken += 1 }

        func publishAll(isStopping: () -> Bool, progress: (Int, Int) -> Void) throws {
            let clocks = Clocks.system
            let client = Client(id: "publisher", keepsSession: false, version: .v5, delegate: self)
            try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(60), sessionExpiry: 0)
            let start = clocks.monotonic()
            var hasMore = true
            while hasMore || taken < sent {
                hasMore = hasMore && !isStopping()
                let due = rate.map { Int((clocks.monotonic() - start).inSeconds * Double($0)) } ?? .max
                while isConnected, hasMore, sent < due, sent - taken < Publisher.window {
                    guard let next = message(sent) else {
                        hasMore = false
                        break
                    }
                    try client.publish(next.topic, next.payload, qos: qos, isRetained: next.isRetained)
                    sent += 1
                }
                try client.writePackets()
                progress(sent, taken)
                let wanted = POLLIN | (client.hasWrites ? POLLOUT : 0)
                let isFull = sent - taken >= Publisher.window || !hasMore || rate != nil
                let patience: Duration = isFull || !isConnected ? .milliseconds(1) : .zero
                if pollDescriptors([(client.descriptor, wanted)], until: clocks.monotonic() + patience)[0] & POLLIN != 0
                {
                    var before: Int
                    repeat {
                        before = taken
                        try client.readPacket()
                    } while taken > before
                }
                try client.keepAlive()
            }
            progress(sent, taken)
            client.sayGoodbye()
            try client.writePackets()
        }
    }
}

/// Connects under somebody else's name, which makes the broker end their connection, and goes away again. Their session
/// stays.
public func takeOverSession(ofClient id: String, port: Int) throws {
    let impostor = Impostor()
    let client = Client(id: id, keepsSession: true, version: .v5, delegate: impostor)
    try client.connect(host: "127.0.0.1", port: port, keepalive: .seconds(60), sessionExpiry: .max)
    let isTaken = try eventually {
        try client.writePackets()
        try client.readPacket()
        return impostor.isConnected
    }
    guard isTaken else { throw MQTTError(refused: 0) }
}

private final class Impostor: ClientDelegate {
    var isConnected = false

    func connected(code: Int, sessionPresent: Bool) { isConnected = code == 0 }
    func subscribed(granted: [Int]) {}
    func received(_ message: IncomingMessage) {}
}
