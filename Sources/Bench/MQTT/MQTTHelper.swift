import Platform

/// A part of the measurement in a process of its own: what it is told, and does. Nothing for people, so `outpost bench`
/// does not show it.
public enum MQTTHelper: Sendable {
    case subscriber(port: Int, qos: Int)
    case gateway(configuration: String)
    case publisher(port: Int, MQTTLoad, milliseconds: Int)

    /// The first words of the lines with which a helper answers.
    enum Answer {
        static let subscribed = "subscribed"
        static let measured = "measured"
        static let published = "published"
    }

    public init?(_ words: [String]) {
        let numbers = words.map { Int($0) ?? -1 }
        switch (words.first, words.count) {
        case ("mqtt-subscriber", 3): self = .subscriber(port: numbers[1], qos: numbers[2])
        case ("mqtt-gateway", 2): self = .gateway(configuration: words[1])
        case ("mqtt-publisher", 5):
            guard let payload = MQTTLoad.Payload(rawValue: words[3]) else { return nil }
            self = .publisher(
                port: numbers[1], MQTTLoad(qos: numbers[2], payload: payload), milliseconds: numbers[4])
        default: return nil
        }
    }

    var words: [String] {
        switch self {
        case .subscriber(let port, let qos): ["mqtt-subscriber", "\(port)", "\(qos)"]
        case .gateway(let configuration): ["mqtt-gateway", configuration]
        case .publisher(let port, let load, let milliseconds):
            ["mqtt-publisher", "\(port)", "\(load.qos)", load.payload.rawValue, "\(milliseconds)"]
        }
    }

    public func run(say: (String) -> Void) throws {
        switch self {
        case .subscriber(let port, let qos):
            prepare()
            try measure(CountingSubscriber(port: port, qos: qos), say)
        case .gateway(let configuration):
            prepare()
            try measure(GatewayReceiver(configuration: configuration), say)
        case .publisher(let port, let load, let milliseconds):
            let count = try BarePublisher.withConnection(port: port) {
                try $0.publish(load, for: .milliseconds(milliseconds))
            }
            say("\(Answer.published) \(count)\n")
        }
    }

    /// As `outpost run` does it.
    private func prepare() {
        Signals.block()
        Memory.keepSmall()
    }

    private func measure(_ receiver: some Receiver, _ say: (String) -> Void) throws {
        let measurement = try receiver.measure { say("\(Answer.subscribed)\n") }
        say("\(Answer.measured) \(measurement.words.joined(separator: " "))\n")
    }
}
