import Platform
import Testing

@testable import Bench

@Suite("What the benchmark sends and reckons")
struct MQTTTests {
    @Test("A packet at QoS 0 has no identifier, one at QoS 1 has")
    func packets() {
        #expect(
            PublishPackets.packet(topic: "a/b", payload: "71.3", identifier: nil)
                == [0x30, 9, 0, 3] + Array("a/b71.3".utf8))
        #expect(
            PublishPackets.packet(topic: "a/b", payload: "71.3", identifier: 0x0102)
                == [0x32, 11, 0, 3] + Array("a/b".utf8) + [1, 2] + Array("71.3".utf8))
        let retained = PublishPackets.packet(topic: "a", payload: "", identifier: nil, isRetained: true)
        #expect(retained == [0x31, 3, 0, 1, 97])
    }

    @Test("A length past 127 takes two bytes, seven bits in each")
    func longPacket() {
        let packet = PublishPackets.packet(topic: "a", payload: String(repeating: "x", count: 197), identifier: nil)
        #expect(packet.prefix(3) == [0x30, 200 & 127 | 128, 1])
        #expect(packet.count == 3 + 200)
    }

    @Test("Packets lie end to end", arguments: MQTTLoad.all)
    func loads(_ load: MQTTLoad) {
        let packets = PublishPackets(load)
        let each = (0..<PublishPackets.count).map { Array(packets[$0..<$0 + 1]) }
        #expect(each.flatMap { $0 } == packets.bytes)
        // An identifier of its own makes each packet at QoS 1 different.
        if load.qos == 1 { #expect(Set(each).count == PublishPackets.count) }
    }

    @Test("A rate is taken from the first sight of something to the last")
    func rate() {
        func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }
        var meter = ArrivalMeter(1, at: at(0))
        #expect(meter.rate == nil)
        meter.see(1, at: at(500))
        meter.see(11, at: at(1000))
        #expect(meter.rate == nil)
        meter.see(211, at: at(3000))
        meter.see(211, at: at(9000))
        #expect(meter.rate == 100)
        #expect(meter.arrived == 210)
        #expect(meter.silence(at: at(9000)) == .seconds(6))
    }

    @Test("A helper understands the words that start it")
    func words() {
        for helper in [
            MQTTHelper.subscriber(port: 1883, qos: 1), .gateway(configuration: "/tmp/x y/outpost.toml"),
            .publisher(port: 1883, MQTTLoad(qos: 0, payload: .document), milliseconds: 200),
        ] {
            #expect(MQTTHelper(helper.words)?.words == helper.words)
        }
        #expect(MQTTHelper(["mqtt"]) == nil)
        #expect(MQTTHelper(["mqtt-publisher", "1883", "0", "poem", "200"]) == nil)
    }

    @Test("Figures come out of their words as they went in")
    func figures() throws {
        let measurement = Measurement(messages: 3, messagesPerSecond: 12.5, processorTime: .nanoseconds(7))
        let words = measurement.words.map { $0[...] }
        let again = try #require(Measurement(words))
        #expect(again.words == measurement.words)
        #expect(Measurement([]) == nil)
    }
}
