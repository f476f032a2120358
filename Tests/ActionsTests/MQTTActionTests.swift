import Alarms
import Demo
import Glibc
import Platform
import Readings
import Settings
import TestSupport
import Testing

@testable import Actions

/// Real brokers, which the action `bus` tells.
@Suite struct MQTTActionTests {
    private let directory = TemporaryDirectory()

    private static let action = """
        [[action]]
        name = "bus"
        kind = "mqtt"
        broker = "plant"
        """

    private func broker(port: Int? = nil, lines: String = "") throws -> PrivateBroker {
        try PrivateBroker(directory: directory.path, port: port, additionalLines: lines)
    }

    private func bench(port: Int, lines: String = "") throws -> ActionBench {
        try ActionBench(brokerSection(port: port) + Self.action + "\n" + lines)
    }

    private func listener(_ port: Int) throws -> Subscriber {
        let listener = try Subscriber(port: port, filter: "outpost/#")
        try #require(eventually { listener.isSubscribed })
        return listener
    }

    /// What the broker keeps under each topic, once it is so much.
    private func retained(_ port: Int, count: Int) throws -> [String: String] {
        var kept: [String: String] = [:]
        let isThere = try eventually {
            let listener = try listener(port)
            defer { listener.stop() }
            // What is published at this moment comes as news, and is kept for the next who asks.
            guard eventually(within: 1, { listener.messages.count >= count }) else { return false }
            let old = listener.messages.filter(\.isRetained)
            kept = Dictionary(old.map { ($0.topic, $0.text) }, uniquingKeysWith: { $1 })
            return kept.count >= count
        }
        #expect(isThere, "\(kept)")
        return kept
    }

    private func json(_ event: AlarmEvent) -> String {
        String(decoding: AlarmMessage(event: event, gateway: "test").json, as: UTF8.self)
    }

    @Test func anEventIsTwoMessages() throws {
        let broker = try broker()
        let listener = try listener(broker.port)
        let bench = try bench(port: broker.port)
        let raised = event(1)
        bench.submit(raised)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(eventually { listener.messages.count == 2 })
        #expect(listener.texts("outpost/test/alarm-events") == [json(raised)])
        #expect(listener.texts("outpost/test/alarms/pressure/press/1") == [json(raised)])
        listener.stop()
        // The stream is not kept, the state is.
        #expect(try retained(broker.port, count: 1) == ["outpost/test/alarms/pressure/press/1": json(raised)])
        #expect(eventually { bench.detail("mqtt/plant/alarms").hasPrefix("running connected to mqtt://127.0.0.1:") })
        #expect(bench.stop())
        broker.stop()
    }

    @Test func aThousandAtOnceComeInOrder() throws {
        let broker = try broker()
        let listener = try listener(broker.port)
        let bench = try bench(port: broker.port)
        for number in 1...1000 as ClosedRange<Int64> { bench.submit(event(number, "alarm-\(number % 10)")) }
        #expect(eventually { bench.reports.count(.done) == 1000 })
        #expect(eventually { listener.texts("outpost/test/alarm-events").count == 1000 })
        let kept = try retained(broker.port, count: 10)
        #expect(kept.count == 10)
        for number in 991...1000 as ClosedRange<Int64> {
            let topic = "outpost/test/alarms/alarm-\(number % 10)/press/1"
            #expect(kept[topic] == json(event(number, "alarm-\(number % 10)")))
        }
        #expect(bench.stop())
        broker.stop()
    }

    /// Right at once, for those who ask as soon as the broker is back: before the events are said again.
    @Test func afterTheBrokerWasAwayItKnowsTheNewest() throws {
        let first = try broker()
        let port = first.port
        let bench = try bench(port: port)
        bench.submit(event(1))
        #expect(eventually { bench.reports.outcome(1) == .done })
        first.stop(signal: SIGKILL)
        #expect(eventually { bench.detail("mqtt/plant/alarms").hasPrefix("degraded") })

        bench.submit(event(2, level: .emergency, change: .level))
        bench.submit(event(3, change: .cleared, state: .normal))
        bench.submit(event(4, "heat"))
        #expect(eventually { bench.detail("action/bus").hasPrefix("degraded") })
        let second = try broker(port: port)
        let listener = try listener(port)
        #expect(eventually { bench.reports.count(.done) == 4 })
        #expect(eventually { listener.texts("outpost/test/alarm-events").count == 3 })
        #expect(
            listener.texts("outpost/test/alarm-events").sorted()
                == [2, 3, 4].map { number in
                    json(
                        number == 2
                            ? event(2, level: .emergency, change: .level)
                            : number == 3 ? event(3, change: .cleared, state: .normal) : event(4, "heat"))
                }.sorted())
        // Nothing old was said of an alarm in between.
        let states = Set(listener.texts("outpost/test/alarms/pressure/press/1"))
        #expect(states == [json(event(3, change: .cleared, state: .normal))])
        listener.stop()
        let kept = try retained(port, count: 2)
        #expect(kept["outpost/test/alarms/pressure/press/1"] == json(event(3, change: .cleared, state: .normal)))
        #expect(kept["outpost/test/alarms/heat/press/1"] == json(event(4, "heat")))
        #expect(bench.detail("action/bus").hasPrefix("running"))
        #expect(bench.stop())
        second.stop()
    }

    /// A broker that was killed has forgotten what it kept.
    @Test func anAlarmThatStandsIsToldToABrokerThatForgot() throws {
        let first = try broker()
        let port = first.port
        let bench = try bench(port: port)
        bench.submit(event(1))
        #expect(eventually { bench.reports.outcome(1) == .done })
        first.stop(signal: SIGKILL)
        try? Files.remove(directory.path + "/mosquitto.db")
        let second = try broker(port: port)
        #expect(try retained(port, count: 1) == ["outpost/test/alarms/pressure/press/1": json(event(1))])
        #expect(bench.stop())
        second.stop()
    }

    /// What has no room, or is given up, leaves no wrong state behind.
    @Test func aStateIsSetRightEvenWhereItsEventIsGivenUp() throws {
        let port = freePort()
        let bench = try bench(port: port, lines: "retry_for = \"0s\"")
        #expect(eventually { bench.detail("mqtt/plant/alarms").hasPrefix("degraded cannot connect") })
        bench.submit(event(1))
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1).hasPrefix("cannot connect to mqtt://127.0.0.1:\(port)"))
        let broker = try broker(port: port)
        #expect(try retained(port, count: 1) == ["outpost/test/alarms/pressure/press/1": json(event(1))])
        #expect(bench.stop())
        broker.stop()
    }

    @Test func aTryChangesNothingThatIsKept() throws {
        let broker = try broker()
        let listener = try listener(broker.port)
        let bench = try bench(port: broker.port)
        bench.submit(event(1, change: .cleared, state: .normal))
        #expect(eventually { bench.reports.outcome(1) == .done })
        var test = event(2)
        test.isTest = true
        bench.submit(test)
        #expect(eventually { bench.reports.outcome(2) == .done })
        #expect(eventually { listener.texts("outpost/test/alarms/pressure/press/1").count == 2 })
        listener.stop()
        let kept = try retained(broker.port, count: 1)
        #expect(Array(kept.values) == [json(event(1, change: .cleared, state: .normal))])
        #expect(bench.stop())
        broker.stop()
    }

    @Test func severalActionsShareAConnection() throws {
        let broker = try broker()
        let listener = try Subscriber(port: broker.port)
        try #require(eventually { listener.isSubscribed })
        let bench = try bench(
            port: broker.port,
            lines: """
                [[action]]
                name = "panel"
                kind = "mqtt"
                broker = "plant"
                qos = 0
                topic = "panel/{series}/{alarm}"
                events = "panel/all"
                """)
        bench.submit(event(1, "flood", ""))
        #expect(eventually { bench.reports.count(.done) == 2 })
        #expect(eventually { listener.messages.count == 4 })
        #expect(
            listener.messages.map(\.topic).sorted() == [
                "outpost/test/alarm-events", "outpost/test/alarms/flood", "panel/all", "panel/flood",
            ])
        #expect(bench.scene.surroundings.parts.all.count { $0.name.hasPrefix("mqtt/") } == 1)
        #expect(bench.stop())
        broker.stop()
    }

    @Test func aBrokerThatForbidsItIsReported() throws {
        try Files.write(Array("topic readwrite else/#\n".utf8), to: directory.path + "/acl")
        let broker = try broker(lines: "acl_file \(directory.path)/acl")
        let bench = try bench(port: broker.port)
        bench.submit(event(1))
        #expect(eventually(within: 5) { bench.reports.rows.count == 1 }, "\(bench.scene.log)")
        #expect(
            bench.reports.reason(1).contains("refuses what is published: Not authorized"), "\(bench.reports.reason(1))")
        #expect(bench.stop())
        broker.stop()
    }

    @Test func aWrongPasswordIsReported() throws {
        let broker = try broker(lines: "allow_anonymous false")
        let bench = try bench(port: broker.port, lines: "retry_for = \"0s\"")
        #expect(eventually { bench.detail("mqtt/plant/alarms").hasSuffix("check username and password") })
        bench.submit(event(1))
        #expect(eventually { bench.reports.reason(1).hasSuffix("check username and password") })
        #expect(bench.stop())
        broker.stop()
    }

    @Test func anEncryptedBrokerIsToldToo() throws {
        let certificates = try Certificates()
        let port = freePort()
        let broker = try broker(
            lines: """
                listener \(port) 127.0.0.1
                cafile \(certificates.path("ca.crt"))
                certfile \(certificates.path("good.crt"))
                keyfile \(certificates.path("good.key"))
                """)
        let listener = try listener(broker.port)
        let bench = try ActionBench(
            brokerSection(
                port: port, scheme: "mqtts", lines: "[mqtt.tls]\nca_file = \"\(certificates.path("ca.crt"))\"")
                + Self.action)
        bench.submit(event(1))
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(eventually { listener.messages.count == 2 })
        #expect(bench.stop())
        broker.stop()
    }

    @Test func itEndsWhileTheBrokerIsAway() throws {
        let bench = try bench(port: freePort())
        bench.submit(event(1))
        #expect(eventually { bench.detail("action/bus").hasPrefix("degraded") })
        #expect(bench.stop())
        #expect(bench.reports.rows.isEmpty)
    }
}

@Suite struct TopicNameTests {
    private func topic(_ template: String, _ alarm: String = "hot", _ series: String) throws -> String {
        let loaded = Settings.load(
            "a",
            files: ConfigurationText(
                brokerSection(port: 1)
                    + "[[action]]\nname = \"a\"\nkind = \"mqtt\"\nbroker = \"plant\"\ntopic = \"\(template)\""),
            environment: { _ in nil }, hostname: "here")
        let settings = try #require(loaded.settings, "\(loaded.problems)")
        guard case .mqtt(let action) = settings.actions[0].work else { return "" }
        let message = AlarmMessage(event: event(1, alarm, series), gateway: "gw")
        return TopicName.fill(action.topic, message.text)
    }

    @Test(arguments: [
        ("o/{gateway}/{alarm}/{series}", "a/b", "o/gw/hot/a/b"),
        ("o/{alarm}/{series}", "a+b/#/c", "o/hot/a_b/_/c"),
        ("o/{alarm}/{series}", "a//b", "o/hot/a//b"),
        ("o/{alarm}/{series}", "a\u{85}b\u{FFFE}c", "o/hot/a_b_c"),
        ("o/{alarm}/{series}", "", "o/hot"),
        ("o/{series}/{alarm}", "", "o/hot"),
        ("{series}/{alarm}", "", "hot"),
        ("{alarm}/{series}/x", "", "hot/x"),
        ("{series}/{alarm}", "$SYS/a", "_SYS/a/hot"),
    ])
    func isWhatBrokersTake(template: String, series: String, topic: String) throws {
        #expect(try self.topic(template, "hot", series) == topic)
    }
}
