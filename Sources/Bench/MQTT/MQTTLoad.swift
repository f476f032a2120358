/// What is published in one measurement.
public struct MQTTLoad: Sendable {
    public enum Payload: String, Sendable, CaseIterable {
        /// A number, such as `71.3`.
        case number
        /// A JSON document of ten fields.
        case document
    }

    public let qos: Int
    public let payload: Payload

    public static let all = [0, 1].flatMap { qos in Payload.allCases.map { MQTTLoad(qos: qos, payload: $0) } }

    static let filter = "plant/+/+"
    /// With the values of the messages it comes to some 35 bytes for a number.
    static let topics = (0..<20).flatMap { line in
        (0..<10).map { "plant/line-\(line)/temperature-\($0)" }
    }
    /// Kept by the broker for the filter: who receives it is subscribed.
    static let sentinelTopic = "plant/line-0/subscribed"

    private static let fields = [
        "temperature", "pressure", "flow", "level", "speed", "force", "current", "voltage", "power", "energy",
    ]

    var readingsPerMessage: Int { payload == .number ? 1 : Self.fields.count }

    /// The payload of message `number` of a topic; numbers that follow each other give different ones.
    func text(_ number: Int) -> String {
        func decimal(_ seed: Int) -> String {
            let tenths = seed * 7919 % 1000
            return "\(tenths / 10).\(tenths % 10)"
        }
        switch payload {
        case .number: return decimal(number)
        case .document:
            let members = Self.fields.enumerated().map { "\"\($1)\":\(decimal(number + $0))" }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// A gateway that takes all of it, and nothing else.
    func configuration(brokerPort: Int, data: String) -> String {
        let names = Self.fields.map { "\($0) = \"\($0)\"" }.joined(separator: ", ")
        let format = payload == .number ? "format = \"number\"" : "format = \"json\"\n  fields = { \(names) }"
        return """
            [gateway]
            id = "bench"
            data = "\(data)"

            [store]
            durability = "power"

            [[mqtt]]
            name = "bench"
            broker = "mqtt://127.0.0.1:\(brokerPort)"

              [[mqtt.topic]]
              filter = "\(Self.filter)"
              qos = \(qos)
              series = "{topic}"
              \(format)

            """
    }
}

extension MQTTLoad: CustomStringConvertible {
    public var description: String { "\(payload == .number ? "numbers" : "documents of ten fields") at QoS \(qos)" }
}
