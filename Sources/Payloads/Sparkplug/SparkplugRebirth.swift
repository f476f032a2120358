import Readings

/// When an edge node is asked to be born again.
///
/// The pause between two requests doubles as long as each is needed at once after the one before: an edge node that
/// never counts right, or whose data never has a birth, would else do nothing but be born. It begins anew when a request
/// was not needed for twice the pause, and with a new session of the edge node.
struct SparkplugRebirth {
    private static let shortestPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)

    private(set) var isWanted = false
    /// When the message arrived that made it needed.
    private(set) var since = Timestamp(microseconds: 0)
    private var asked: Duration?
    private var pause = shortestPause

    mutating func want(_ arrival: Timestamp) {
        isWanted = true
        since = arrival
    }

    mutating func born(inNewSession isNew: Bool) {
        isWanted = false
        if isNew { pause = Self.shortestPause }
    }

    /// Nil: at once.
    var due: Duration? { asked.map { $0 + pause } }

    mutating func ask(now: Duration) {
        isWanted = false
        if let asked {
            pause = now - asked < pause * 2 ? min(pause * 2, Self.longestPause) : Self.shortestPause
        }
        asked = now
    }
}

/// The edge nodes that are to be asked.
struct SparkplugRebirths {
    private var waiting: [SparkplugNode] = []
    /// Nil where one came since it was looked at.
    private var nextDue: Duration?

    mutating func want(_ node: SparkplugNode, _ arrival: Timestamp) {
        guard !node.rebirth.isWanted else { return }
        node.rebirth.want(arrival)
        waiting.append(node)
        nextDue = nil
    }

    /// Its birth is here.
    mutating func forget(_ node: SparkplugNode) {
        if node.rebirth.isWanted { waiting.removeAll { $0 === node } }
    }

    mutating func take(now: Duration) -> [(topic: String, payload: [UInt8])] {
        guard !waiting.isEmpty else { return [] }
        if let nextDue, now < nextDue { return [] }
        var requests: [(topic: String, payload: [UInt8])] = []
        waiting.removeAll { node in
            if let due = node.rebirth.due, now < due { return false }
            node.rebirth.ask(now: now)
            requests.append((Self.topic(node), Self.payload(node.rebirth.since)))
            return true
        }
        nextDue = waiting.compactMap(\.rebirth.due).min()
        return requests
    }

    private static func topic(_ node: SparkplugNode) -> String {
        "\(SparkplugTopic.namespace)/\(node.group)/\(SparkplugTopic.Kind.nodeCommand.rawValue)/\(node.name)"
    }

    /// The boolean metric "Node Control/Rebirth", true.
    private static func payload(_ moment: Timestamp) -> [UInt8] {
        let milliseconds = number(UInt64(max(0, moment.microseconds / 1000)))
        let name = Array("Node Control/Rebirth".utf8)
        let metric =
            [10, UInt8(name.count)] + name  // name
            + [24] + milliseconds  // timestamp
            + [32, SparkplugDataType.boolean.rawValue]  // type
            + [112, 1]  // boolean value
        return [8] + milliseconds + [18, UInt8(metric.count)] + metric  // timestamp, metric
    }

    private static func number(_ number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
