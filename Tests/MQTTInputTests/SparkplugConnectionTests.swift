import Demo
import MQTTInput
import Platform
import Readings
import TestSupport
import Testing

/// A message of Sparkplug B, as far as these tests need one.
private struct Message {
    struct Metric {
        var name: String?
        var alias: UInt8?
        var number: Double
        var unit: String?
    }

    var sequence: UInt8?
    var metrics: [Metric] = []
    /// The number of the session, which births and deaths have.
    var session: UInt8?

    var bytes: [UInt8] {
        var all = metrics.map(Self.bytes)
        if let session { all.append(Self.text(1, "bdSeq") + [32, 8, 88, session]) }
        var bytes: [UInt8] = all.flatMap { [18, UInt8($0.count)] + $0 }
        if let sequence { bytes += [24, sequence] }
        return bytes
    }

    private static func bytes(_ metric: Metric) -> [UInt8] {
        var bytes: [UInt8] = metric.name.map { text(1, $0) } ?? []
        if let alias = metric.alias { bytes += [16, alias] }
        bytes += [32, 10]
        if let unit = metric.unit {
            let value: [UInt8] = [8, 12] + text(8, unit)
            let set: [UInt8] = text(1, "engUnit") + [18, UInt8(value.count)] + value
            bytes += [74, UInt8(set.count)] + set
        }
        return bytes + [105] + withUnsafeBytes(of: metric.number.bitPattern.littleEndian) { Array($0) }
    }

    private static func text(_ field: UInt8, _ text: String) -> [UInt8] {
        [field << 3 | 2, UInt8(text.utf8.count)] + Array(text.utf8)
    }
}

/// An edge node at a real broker.
@Suite struct SparkplugConnectionTests {
    private func shown(_ bench: ConnectionBench) -> [String] {
        bench.sink.rows.map { reading in
            let definition = bench.catalogue.definition(of: reading.series)
            let name = definition?.name.description ?? "?"
            guard case .number(let number) = reading.value else { return "\(name) \(reading.quality.name)" }
            return "\(name) \(number) \(definition?.unit ?? "")"
        }
    }

    @Test func anEdgeNodeFromItsBirthToItsDeath() throws {
        let directory = TemporaryDirectory()
        let broker = try PrivateBroker(directory: directory.path)
        defer { broker.stop() }
        // Hears what the edge node would hear.
        let commands = "[[mqtt.topic]]\nfilter = \"spBv1.0/plant/NCMD/+\"\nformat = \"number\"\nseries = \"{topic}\""
        let edge = try ConnectionBench(port: broker.port, lines: "client_id = \"edge\"", topics: commands)
        let gateway = try ConnectionBench(port: broker.port, topics: "[[mqtt.topic]]\npreset = \"sparkplug\"")
        #expect(eventually { gateway.scene.logged("connected to") && edge.scene.logged("connected to") })
        func publish(_ topic: String, _ message: Message) throws {
            let publisher = try Publisher(port: broker.port) {
                $0 == 0 ? .init("spBv1.0/plant/" + topic, message.bytes) : nil
            }
            #expect(publisher.waitForEnd() == 1)
        }

        // Data of one that nobody has seen born: it is asked to say who it is.
        try publish("NDATA/edge-1", Message(sequence: 7, metrics: [.init(alias: 1, number: 5)]))
        #expect(eventually { gateway.sink.letters.map(\.key.reason) == ["unborn"] })
        gateway.sink.commit()
        #expect(eventually { edge.sink.letters.map(\.key.topic) == ["spBv1.0/plant/NCMD/edge-1"] })
        #expect(gateway.sink.rows.isEmpty)

        try publish(
            "NBIRTH/edge-1",
            Message(sequence: 0, metrics: [.init(name: "Oil/Level", alias: 1, number: 5, unit: "l")], session: 3))
        try publish(
            "DBIRTH/edge-1/press", Message(sequence: 1, metrics: [.init(name: "p", alias: 2, number: 6, unit: "bar")]))
        try publish("DDATA/edge-1/press", Message(sequence: 2, metrics: [.init(alias: 2, number: 7)]))
        // Its broker publishes an old will late, and then the one that counts.
        try publish("NDEATH/edge-1", Message(session: 2))
        try publish("NDEATH/edge-1", Message(session: 3))
        #expect(
            eventually {
                shown(gateway) == [
                    "sparkplug/plant/edge-1/Oil/Level 5.0 l", "sparkplug/plant/edge-1/press/p 6.0 bar",
                    "sparkplug/plant/edge-1/press/p 7.0 bar", "sparkplug/plant/edge-1/Oil/Level stale",
                    "sparkplug/plant/edge-1/press/p stale",
                ]
            }, "\(shown(gateway))")
        // Commands, also our own, and what the host applications say of themselves are nobody's readings.
        try publish("NCMD/edge-1", Message(metrics: [.init(name: "x", number: 1)]))
        #expect(gateway.sink.letters.count == 1)
        for bench in [gateway, edge] {
            bench.sink.commit()
            #expect(bench.stop())
        }
    }
}
