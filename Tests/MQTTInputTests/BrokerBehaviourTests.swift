import Demo
import MQTTInput
import Platform
import Readings
import TestSupport
import Testing

/// What a broker does, or fails to do.
@Suite struct BrokerBehaviourTests {
    /// What libmosquitto does here is behaviour and no contract: this pins it.
    @Test func readingGoesOnAndNoAcknowledgementLeavesBeforeTheCommit() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        for id in 1...1000 { peer.publish("n/\(id % 5)", "\(id)", id: id) }
        // All are read and handed on although nothing is committed.
        #expect(eventually { bench.sink.rows.count == 1000 })
        #expect(peer.packet(within: .milliseconds(200)) == nil)

        bench.sink.commit()
        let acknowledged = (1...1000).map { _ -> Int in
            guard let packet = peer.packet(), packet.type == 4 else { return 0 }
            return Int(packet.body[0]) << 8 | Int(packet.body[1])
        }
        #expect(acknowledged == Array(1...1000))
        #expect(bench.sink.rows.map(\.value) == (1...1000).map { .number(Double($0)) })
        // Every one has a moment of its own.
        #expect(Set(bench.sink.rows.map(\.time)).count == 1000)
        #expect(bench.stop())
    }

    @Test func aCommitLetsGoOnlyWhatItCovers() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        peer.publish("n/a", "1", id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        let first = bench.sink.ticket
        peer.publish("n/a", "2", id: 2)
        #expect(eventually { bench.sink.rows.count == 2 })
        bench.sink.commit(upTo: first)
        let released = peer.packet()
        #expect(released?.body.starts(with: [0, 1]) == true)
        #expect(peer.packet(within: .milliseconds(200)) == nil)
        bench.sink.commit()
        #expect(peer.packet()?.body.starts(with: [0, 2]) == true)
        #expect(bench.stop())
    }

    @Test func aBrokerWithALimitThatItTellsNobodyIsNotKeptWaiting() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        var id = 0
        for round in 1...4 {
            for _ in 0..<32 {
                id += 1
                peer.publish("n/a", "\(id)", id: id)
            }
            #expect(eventually { bench.sink.rows.count == id })
            // From the third time on it is known that no more will come before a commit.
            if round > 2 {
                #expect(eventually { bench.sink.hurries == round - 2 })
            } else {
                #expect(bench.sink.hurries == 0)
            }
            bench.sink.commit()
            for _ in 0..<32 { #expect(peer.packet()?.type == 4) }
        }
        #expect(bench.stop())
    }

    @Test func whatComesAgainAfterALostConnectionArrivedWhenItArrived() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        do {
            let peer = try broker.accept()
            peer.welcome(filters: 1)
            for id in 1...50 { peer.publish("n/a", "\(id)", id: id) }
            #expect(eventually { bench.sink.rows.count == 50 })
        }
        let peer = try broker.accept()
        peer.welcome(filters: 1, sessionPresent: true)
        for id in 1...50 { peer.publish("n/a", "\(id)", id: id, isAgain: true) }
        // The identifiers are free by now, and used for others.
        for id in 1...50 { peer.publish("n/a", "\(id)", id: id) }
        #expect(eventually { bench.sink.rows.count == 150 })
        let times = bench.sink.rows.map(\.time)
        #expect(Array(times[0..<50]) == Array(times[50..<100]))
        #expect(Set(times[50...]).count == 100)
        #expect(bench.stop())
    }

    @Test func aBrokerThatHasForgottenTheSessionSendsNothingAgain() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        for round in 1...2 {
            let peer = try broker.accept()
            peer.welcome(filters: 1)
            peer.publish("n/a", "5", id: 1)
            #expect(eventually { bench.sink.rows.count == round })
        }
        #expect(Set(bench.sink.rows.map(\.time)).count == 2)
        #expect(bench.stop())
    }

    @Test func aSecondClientOfTheSameNameIsSaid() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        // DISCONNECT: session taken over.
        peer.send([0xE0, 2, 0x8E, 0])
        #expect(eventually { bench.scene.logged("another client has connected to mqtt://127.0.0.1") })
        #expect(bench.scene.logged("as \"outpost-test-plant\" and ended this connection"))
        #expect(bench.stop())
    }

    @Test func aSharedSubscriptionIsMatchedWithoutItsGroup() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(
            port: broker.port,
            topics: "[[mqtt.topic]]\nfilter = \"$share/hall/n/+\"\nformat = \"number\"\nseries = \"{topic}\"")
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        peer.publish("n/a", "5", id: 1)
        #expect(eventually { bench.sink.rows.map(\.value) == [.number(5)] })
        #expect(bench.stop())
    }

    @Test func whatDoesNotDecodeIsAcknowledgedOnceItIsWrittenDown() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        peer.publish("n/a", "rubbish", id: 1)
        peer.publish("n/a", "2", id: 2)
        #expect(eventually { bench.sink.rows.count == 1 && bench.sink.letters.count == 1 })
        #expect(bench.sink.letters[0].key.reason == "not_a_number")
        bench.sink.commit()
        #expect(peer.packet()?.body.starts(with: [0, 1]) == true)
        #expect(peer.packet()?.body.starts(with: [0, 2]) == true)
        #expect(bench.stop())
    }

    @Test func whatSaysNothingNewIsLeftOutAndAcknowledged() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port, topics: ConnectionBench.numbers + "\n  deadband = 1")
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        for (id, number) in [5, 5.5, 7, 7, 6].enumerated() { peer.publish("n/a", "\(number)", id: id + 1) }
        peer.publish("n/b", "7", id: 6)
        #expect(eventually { bench.counter("outpost_mqtt_suppressed_total") == 3 && bench.sink.rows.count == 3 })
        #expect(bench.sink.rows.map(\.value) == [.number(5), .number(7), .number(7)])
        bench.sink.commit()
        for id in 1...6 as ClosedRange<UInt8> { #expect(peer.packet()?.body.starts(with: [0, id]) == true) }
        #expect(bench.stop())
    }

    @Test func aFilterThatNothingMatchesIsVisible() throws {
        let broker = try ScriptedBroker()
        let other = ConnectionBench.numbers.replacing("n/+", with: "other/+")
        let bench = try ConnectionBench(
            port: broker.port, topics: [ConnectionBench.numbers, other, other].joined(separator: "\n"))
        let peer = try broker.accept()
        peer.welcome(filters: 2)
        #expect(bench.unmatchedFilters == ["n/+", "other/+"])
        peer.publish("n/a", "1", id: 1)
        #expect(eventually { bench.unmatchedFilters == ["other/+"] })
        #expect(bench.stop())
    }

    @Test func aTimeThatIsNotBelievedIsCounted() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(
            port: broker.port,
            topics: """
                [[mqtt.topic]]
                filter = "n/+"
                format = "json"
                series = "{topic}"
                value = "v"
                time = "t"
                """)
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        peer.publish("n/a", #"{"v":1,"t":5}"#, id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        #expect(bench.sink.rows[0].quality == .uncertain)
        #expect(bench.sink.rows[0].time.microseconds > 1_700_000_000_000_000)
        #expect(bench.counter("outpost_mqtt_skewed_total") == 1)
        #expect(bench.stop())
    }

    @Test func aFullJournalStopsReadingAndLosesNothing() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        bench.sink.setRoom(false)
        for id in 1...5000 { peer.publish("n/a", "\(id)", id: id) }
        #expect(peer.packet(within: .milliseconds(200)) == nil)
        #expect(bench.sink.rows.isEmpty)
        bench.sink.setRoom(true)
        #expect(eventually { bench.sink.rows.count == 5000 })
        #expect(bench.sink.rows.map(\.value) == (1...5000).map { .number(Double($0)) })
        #expect(bench.sink.gaps.isEmpty)
        #expect(bench.stop())
    }

    @Test func atQoS0AFullJournalLeavesAGap() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(
            port: broker.port,
            topics: "[[mqtt.topic]]\nfilter = \"n/+\"\nformat = \"number\"\nseries = \"{topic}\"\nqos = 0")
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        bench.sink.setRoom(false)
        for _ in 0..<10 { peer.send([0x30, 7, 0, 3] + Array("n/a".utf8) + [0, UInt8(ascii: "5")]) }
        #expect(eventually { bench.sink.gaps.reduce(0) { $0 + $1.count } == 10 })
        #expect(bench.counter("outpost_mqtt_dropped_readings_total") == 10)
        #expect(bench.stop())
    }

    @Test func aBrokerThatSpeaksOnlyTheOlderProtocol() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        do {
            let peer = try broker.accept()
            let connect = try #require(peer.packet())
            #expect(connect.body[6] == 5)
            // As such a broker answers: its own form, "unacceptable protocol version".
            peer.send([0x20, 2, 0, 1])
        }
        let peer = try broker.accept()
        let connect = try #require(peer.packet())
        #expect(connect.body[6] == 4)
        peer.send([0x20, 2, 0, 0])
        let subscribe = try #require(peer.packet(ofType: 8))
        peer.send([0x90, 3, subscribe.body[0], subscribe.body[1], 1])
        for id in UInt8(1)...20 { peer.send([0x32, 8, 0, 3] + Array("n/a".utf8) + [0, id, UInt8(ascii: "7")]) }
        #expect(eventually { bench.sink.rows.count == 20 })
        // The broker sends no more before it hears of these: a commit is asked for at once.
        #expect(eventually { bench.sink.hurries > 0 })
        bench.sink.commit()
        #expect(peer.packet() == ScriptedBroker.Packet(type: 4, body: [0, 1]))
        #expect(bench.scene.logged("does not speak MQTT 5"))
        #expect(bench.stop())
    }

    @Test func aBrokerThatHangsUpOnTheNewerProtocol() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        do {
            let peer = try broker.accept()
            #expect(peer.packet()?.body[6] == 5)
        }
        let peer = try broker.accept()
        #expect(peer.packet()?.body[6] == 4)
        peer.send([0x20, 2, 0, 0])
        #expect(peer.packet(ofType: 8) != nil)
        #expect(bench.stop())
    }

    @Test func aHalfDeadConnectionIsNoticed() throws {
        let (broker, bench, peer) = try ConnectionBench.welcomed(lines: "keepalive = \"10s\"")
        // It takes the ping and says nothing, as a line does whose other end lost its power.
        #expect(peer.packet(ofType: 12) != nil)
        let again = try broker.accept()
        again.welcome(filters: 1)
        #expect(bench.scene.logged("lost mqtt://127.0.0.1:\(broker.port)"))
        #expect(bench.stop())
    }

    @Test func aPingIsNotHeldUpByAcknowledgements() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed(lines: "keepalive = \"10s\"")
        peer.publish("n/a", "1", id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        // Nothing is ever committed here.
        #expect(peer.packet()?.type == 12)
        #expect(bench.stop())
    }

    @Test func aRefusedSubscriptionIsSaidAndAskedForAgain() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        let peer = try broker.accept()
        #expect(peer.packet(ofType: 1) != nil)
        peer.send([0x20, 3, 0, 0, 0])
        let subscribe = try #require(peer.packet(ofType: 8))
        peer.send([0x90, 4, subscribe.body[0], subscribe.body[1], 0, 0x87])
        #expect(eventually { bench.scene.logged("refuses the subscription to n/+: Not authorized") })
        func isIn(_ state: Parts.State) -> Bool {
            bench.scene.surroundings.parts.all.contains { $0.name == "mqtt/plant" && $0.state == state }
        }
        #expect(isIn(.degraded))
        // Somebody has mended the broker's rules.
        let again = try #require(peer.packet(ofType: 8))
        peer.send([0x90, 4, again.body[0], again.body[1], 0, 1])
        #expect(eventually { isIn(.running) })
        peer.publish("n/a", "5", id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        #expect(bench.stop())
    }

    @Test func aBrokerThatHangsUpOnceItHasTakenUs() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        for _ in 0..<4 {
            let peer = try broker.accept()
            #expect(peer.packet(ofType: 1) != nil)
            peer.send([0x20, 3, 0, 0, 0])
        }
        #expect(eventually { bench.scene.logged("another client may connect as \"outpost-test-plant\"") })
        // It does not last for ever.
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        peer.publish("n/a", "5", id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        #expect(bench.stop())
    }

    /// libmosquitto would end the process over it.
    @Test func aPropertyThatTheLibraryDoesNotKnow() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        for _ in 0..<2 {
            let peer = try broker.accept()
            peer.welcome(filters: 1)
            // A message with one property of the number 0x7F.
            peer.send([0x32, 10, 0, 3] + Array("n/a".utf8) + [0, 1, 2, 0x7F, 0])
        }
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        peer.publish("n/a", "9", id: 1)
        #expect(eventually { bench.sink.rows.last?.value == .number(9) })
        #expect(bench.scene.logged("lost mqtt://127.0.0.1:\(broker.port)"))
        #expect(bench.stop())
    }

    @Test func garbageFromTheBrokerEndsTheConnectionAndNothingElse() throws {
        let broker = try ScriptedBroker()
        let bench = try ConnectionBench(port: broker.port)
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<5 {
            let peer = try broker.accept()
            peer.welcome(filters: 1)
            peer.publish("n/a", "\(round)", id: 1)
            #expect(eventually { bench.sink.rows.count >= round + 1 })
            // A packet of a random type, of a length that fits, with random bytes in it.
            let type = UInt8.random(in: 1...15, using: &generator) << 4
            peer.send([type | 2, 40] + (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let peer = try broker.accept()
        peer.welcome(filters: 1)
        peer.publish("n/a", "9", id: 1)
        #expect(eventually { bench.sink.rows.last?.value == .number(9) }, "seed \(seed)")
        #expect(bench.stop())
    }

    @Test func stoppingSaysGoodbyeAfterTheLastAcknowledgement() throws {
        let (_, bench, peer) = try ConnectionBench.welcomed()
        peer.publish("n/a", "1", id: 1)
        #expect(eventually { bench.sink.rows.count == 1 })
        bench.connection.stop()
        #expect(eventually { bench.sink.hurries > 0 })
        bench.sink.commit()
        #expect(peer.packet()?.type == 4)
        #expect(peer.packet()?.type == 14)
        #expect(bench.connection.waitUntilStopped(deadline: Clocks.farAway))
    }
}
