import Payloads
import Readings
import TestSupport
import Testing

/// What SparkplugDecoder has to do, without a thought of how long it takes: numbers by alias or name, births and deaths.
private struct Model {
    struct Device {
        var isBorn = false
        var aliases: [UInt64: String] = [:]
        var names: Set<String> = []
        /// In the order of the birth; what a death will speak of.
        var alive: [String] = []
    }

    struct Node {
        var session: UInt64 = 0
        var next: UInt64 = 0
        /// "" is the edge node itself.
        var devices: [String: Device] = ["": Device()]
        var order: [String] = []

        var isBorn: Bool { devices[""]!.isBorn }
    }

    var nodes: [String: Node] = [:]
    var wanted: Set<String> = []

    struct Answer: Equatable {
        var readings: [Named] = []
        var problem: PayloadProblem.Reason?
    }

    mutating func take(_ kind: SparkplugTopic.Kind, _ node: String, _ device: String, _ message: SparkplugMessage)
        -> Answer
    {
        var answer = Answer()
        let path = "plant/\(node)/" + (device.isEmpty ? "" : device + "/")
        switch kind {
        case .nodeBirth:
            for other in nodes[node, default: Node()].devices.keys { nodes[node]?.devices[other]?.isBorn = false }
            nodes[node, default: Node()].session = session(message) ?? 0
            nodes[node]!.next = (message.sequence! + 1) % 256
            wanted.remove(node)
            answer.readings = bear(node, "", path, message)
        case .nodeDeath:
            guard let known = nodes[node], known.isBorn, session(message) == known.session else { break }
            for device in [""] + known.order { answer.readings += end(node, device) }
        case .deviceBirth, .deviceDeath, .nodeData, .deviceData:
            guard nodes[node, default: Node()].isBorn else {
                wanted.insert(node)
                return Answer(problem: .unborn)
            }
            if message.sequence != nodes[node]!.next {
                answer.problem = .sequenceGap
                wanted.insert(node)
            }
            nodes[node]!.next = (message.sequence! + 1) % 256
            switch kind {
            case .deviceBirth: answer.readings = bear(node, device, path, message)
            case .deviceDeath: answer.readings = end(node, device)
            default: data(node, device, path, message, &answer)
            }
        case .nodeCommand, .deviceCommand: break
        }
        return answer
    }

    private func session(_ message: SparkplugMessage) -> UInt64? {
        guard case .long(let session) = message.metrics.first(where: { $0.name == "bdSeq" })?.value else { return nil }
        return session
    }

    private func value(_ metric: SparkplugMetric) -> Double {
        guard case .double(let number) = metric.value else { fatalError("only doubles here") }
        return number
    }

    private mutating func bear(_ node: String, _ device: String, _ path: String, _ message: SparkplugMessage) -> [Named]
    {
        if !device.isEmpty, !nodes[node]!.order.contains(device) { nodes[node]!.order.append(device) }
        var born = Device(isBorn: true)
        var readings: [Named] = []
        for metric in message.metrics where metric.name != "bdSeq" {
            if let alias = metric.alias { born.aliases[alias] = metric.name! }
            if born.names.insert(metric.name!).inserted { born.alive.append(path + metric.name!) }
            readings.append(Named(path + metric.name!, value(metric)))
        }
        nodes[node]!.devices[device] = born
        return readings
    }

    private mutating func end(_ node: String, _ device: String) -> [Named] {
        let ended = nodes[node]!.devices[device] ?? Device()
        nodes[node]!.devices[device] = Device()
        return ended.alive.map { Named($0, .absent, .stale) }
    }

    private mutating func data(
        _ node: String, _ device: String, _ path: String, _ message: SparkplugMessage, _ answer: inout Answer
    ) {
        let known = nodes[node]!.devices[device] ?? Device()
        for metric in message.metrics {
            let name =
                metric.alias.flatMap { known.aliases[$0] }
                ?? metric.name.flatMap { known.names.contains($0) ? $0 : nil }
            if known.isBorn, let name {
                answer.readings.append(Named(path + name, value(metric)))
            } else {
                answer.problem = answer.problem ?? .unborn
                wanted.insert(node)
            }
        }
        guard !known.isBorn else { return }
        answer.problem = answer.problem ?? .unborn
        wanted.insert(node)
    }
}

@Suite struct SparkplugModelTests {
    private static let names = ["a", "b", "b/c", "d", "\u{E4}"]
    private static let aliases: [UInt64] = [0, 1, 2, 300, .max]

    /// The messages of a plant where much goes wrong.
    private struct Plant {
        var generator: SeededGenerator
        var sequences: [String: UInt64] = [:]

        mutating func message() -> (kind: SparkplugTopic.Kind, node: String, device: String, SparkplugMessage) {
            let kinds: [SparkplugTopic.Kind] = [
                .nodeBirth, .deviceBirth, .deviceBirth, .deviceData, .deviceData, .deviceData, .deviceData, .nodeData,
                .nodeData, .nodeData, .deviceDeath, .nodeDeath, .nodeCommand,
            ]
            let kind = kinds.randomElement(using: &generator)!
            let node = ["m", "n"].randomElement(using: &generator)!
            let isOfDevice = kind.rawValue.first == "D"
            let device = isOfDevice ? ["d", "b"].randomElement(using: &generator)! : ""
            var metrics = metrics(isBirth: kind == .nodeBirth || kind == .deviceBirth)
            if kind == .nodeBirth || kind == .nodeDeath {
                metrics.insert(.session(UInt64.random(in: 0...1, using: &generator)), at: 0)
            }
            return (kind, node, device, SparkplugMessage(sequence(kind, node), metrics))
        }

        private mutating func sequence(_ kind: SparkplugTopic.Kind, _ node: String) -> UInt64? {
            if kind == .nodeDeath || kind == .nodeCommand { return nil }
            let isWrong = Int.random(in: 0..<10, using: &generator) == 0
            let next = isWrong ? UInt64.random(in: 0...255, using: &generator) : sequences[node, default: 0]
            sequences[node] = (next + 1) % 256
            return next
        }

        private mutating func metrics(isBirth: Bool) -> [SparkplugMetric] {
            (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                let value = SparkplugContent.double(Double(Int.random(in: -9...9, using: &generator)))
                let shape = Int.random(in: 0..<3, using: &generator)
                return SparkplugMetric(
                    isBirth || shape != 0 ? names.randomElement(using: &generator)! : nil,
                    alias: shape != 1 ? aliases.randomElement(using: &generator)! : nil, isBirth ? .double : nil, value)
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everyScriptIsUnderstoodAsTheModelDoes(seed: UInt64) {
        var plant = Plant(generator: SeededGenerator(seed: seed))
        var model = Model()
        let decoder = SparkplugDecoder.usual()
        var now = Duration.zero
        for step in 0..<1000 {
            let (kind, node, device, message) = plant.message()
            let expected = model.take(kind, node, device, message)
            // An empty payload is no message to anyone.
            let bytes = message.bytes.isEmpty ? SparkplugMessage(nil, time: 0).bytes : message.bytes
            let topic = "spBv1.0/plant/\(kind.rawValue)/\(node)" + (device.isEmpty ? "" : "/" + device)
            let (readings, problem) = decoder.read(topic, bytes)
            let answer = Model.Answer(readings: decoder.name(readings), problem: problem?.reason)
            #expect(answer == expected, "seed \(seed), step \(step): \(topic) \(message)")
            if answer != expected { return }
            // Long after all before, so that no pause holds anything back.
            now += .seconds(1000)
            let asked = Set(decoder.takeRebirthRequests(now: now).map(\.topic))
            #expect(asked == Set(model.wanted.map { "spBv1.0/plant/NCMD/" + $0 }), "seed \(seed), step \(step)")
            model.wanted = []
        }
    }
}
