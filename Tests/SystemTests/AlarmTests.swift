import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// Alarms of the released binary: a real broker, a real device, real programs, a disk that fails, kills.
@Suite(.serialized) struct AlarmTests {
    private let scratch = TemporaryDirectory()
    private var told: String { scratch.path + "/told" }

    /// A program that writes down what it is told.
    private var command: String {
        get throws {
            let path = scratch.path + "/siren"
            let script = "#!/bin/sh\necho \"$OUTPOST_STATE $OUTPOST_ALARM $OUTPOST_SERIES $OUTPOST_LEVEL\" >> \(told)\n"
            try Files.write(Array(script.utf8), to: path)
            chmod(path, 0o755)
            return path
        }
    }

    /// What the program was told, in order.
    private var words: [String] {
        String(decoding: (try? Files.read(told)) ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func wasTold(_ words: String) -> Bool { eventually { self.words.contains(words) } }

    private func configure(_ site: Site, _ more: String) throws {
        let text = String(decoding: try Files.read(site.configurationPath), as: UTF8.self)
        try Files.write(Array((text + more).utf8), to: site.configurationPath)
    }

    private func alarm(_ name: String, _ keys: String, actions: String = "[\"siren\"]") -> String {
        "\n[[alarm]]\nname = \"\(name)\"\nactions = \(actions)\n\(keys)\n"
    }

    private var siren: String {
        get throws { "\n[[action]]\nname = \"siren\"\nkind = \"command\"\ncommand = [\"\(try command)\"]\n" }
    }

    private func publish(_ site: Site, _ topic: String, _ payload: String) throws {
        let publisher = try Publisher(port: site.brokerPort) { $0 == 0 ? Publisher.Message(topic, payload) : nil }
        _ = try #require(publisher.waitForEnd())
    }

    private func alarms(_ site: Site, _ words: String...) -> CommandResult {
        outpost(["alarms", "--data", site.data] + words)
    }

    @Test func itsLifeSurvivesARestart() throws {
        let site = try Site()
        try configure(site, siren + alarm("hot", "series = \"number/*\"\nabove = 80\ndeadband = 5\nlatch = true"))
        var gateway = try site.startGateway()
        #expect(gateway.isConnected())
        try publish(site, "number/oven", "81")
        #expect(wasTold("raised hot number/oven warning"))
        #expect(alarms(site).output.hasPrefix("warning  unacknowledged  hot  number/oven"))
        #expect(alarms(site, "ack", "hot").status == 0)
        // In full flight, and not only in order.
        _ = gateway.stop(signal: SIGKILL)
        gateway = try site.startGateway()
        #expect(gateway.isConnected())
        #expect(alarms(site).output.hasPrefix("warning  acknowledged  hot  number/oven"))
        // Still in the deadband: neither well again, nor news.
        try publish(site, "number/oven", "77")
        try publish(site, "number/oven", "20")
        #expect(wasTold("cleared hot number/oven warning"))
        #expect(alarms(site).output.hasPrefix("warning  latched  hot  number/oven"))
        #expect(alarms(site, "clear", "hot").status == 0)
        #expect(alarms(site).output == "all is well: no alarm stands, and none waits to be acknowledged\n")
        #expect(alarms(site, "ack", "hot").status == 1)
        #expect(alarms(site, "ack", "hat").errors == "outpost alarms: there is no alarm hat\n")
        #expect(words == ["raised hot number/oven warning", "cleared hot number/oven warning"])
        let changes = site.query("SELECT change FROM alarm_events ORDER BY number")
        #expect(changes == ["raised", "acknowledged", "cleared", "reset"])
        #expect(gateway.stop() == 0)
        let history = alarms(site, "history").output.split(separator: "\n")
        #expect(history.count == 4)
        #expect(history[0].hasSuffix("hot  number/oven is 81, above 80"))
    }

    /// Each alarm stands at the end, and its program was run, at least once.
    @Test func killsInABurstOfAlarms() throws {
        let site = try Site()
        try configure(
            site,
            siren
                + alarm("hot", "series = \"number/*\"\nabove = 80\nseverity = \"emergency\""))
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort, rate: 50) {
            $0 < 200 ? Publisher.Message("number/\($0)", "100") : nil
        }
        for _ in 0..<8 {
            let moment = Clocks.system.monotonic() + .milliseconds(Int64.random(in: 100..<700, using: &generator))
            _ = pollDescriptors([], until: moment)
            _ = gateway.stop(signal: SIGKILL)
            gateway = try site.startGateway()
        }
        #expect(publisher.waitForEnd() == 200)
        let areAllThere = eventually(within: 60) {
            site.query("SELECT count(*) FROM alarms WHERE state = 'unacknowledged'") == ["200"]
        }
        #expect(areAllThere, "seed \(seed): \(site.query("SELECT count(*) FROM alarms"))")
        let isDone = eventually(within: 60) {
            Set(words).isSuperset(of: (0..<200).map { "raised hot number/\($0) emergency" })
        }
        #expect(isDone, "seed \(seed): \(Set(words).count)")
        let undone = eventually { site.query("SELECT count(*) FROM alarm_actions WHERE outcome IS NULL") == ["0"] }
        #expect(undone, "seed \(seed)")
        #expect(gateway.stop() == 0)
    }

    @Test(.enabled(if: SmallDisk.canBeMounted)) func aFullDiskDelaysNoAlarm() throws {
        let disk = try SmallDisk(megabytes: 24)
        let site = try Site(data: disk.path + "/data")
        try configure(site, Self.bulk + siren + alarm("hot", "series = \"number/*\"\nabove = 80"))
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        try disk.fill()
        try publish(site, "number/oven", "81")
        #expect(wasTold("raised hot number/oven warning"))
        // More than may wait for the disk: what comes then is not read at QoS 1.
        let flood = try Publisher(port: site.brokerPort) { $0 < 260 ? Self.bulkMessage($0) : nil }
        #expect(gateway.logs("is full and plant waits"))
        try publish(site, "number/kiln", "99")
        #expect(wasTold("raised hot number/kiln warning"))
        disk.free()
        #expect(flood.waitForEnd() == 260)
        let isStored = eventually(within: 60) {
            site.query("SELECT count(*) FROM readings WHERE series = 'number/kiln'") == ["1"]
        }
        #expect(isStored)
        #expect(site.query("SELECT count(*) FROM readings WHERE series = 'bulk/x'") == ["260000"])
        #expect(
            site.query("SELECT alarm || ' ' || series FROM alarm_events WHERE change = 'raised' ORDER BY 1") == [
                "hot number/kiln", "hot number/oven",
            ])
        #expect(gateway.stop() == 0)
    }

    /// One more topic of the site's connection.
    private static let bulk = """

        [[mqtt.topic]]
        filter = "line/+"
        format = "line"
        series = "{field}"

        """

    /// A thousand readings.
    private static func bulkMessage(_ number: Int) -> Publisher.Message? {
        let lines = (0..<1000).map { "bulk x=\($0 % 50) \(1_700_000_000_000_000_000 + (number * 1000 + $0) * 1000)" }
        return Publisher.Message("line/a", lines.joined(separator: "\n"))
    }

    @Test func aLockedDatabaseDelaysNoAlarm() throws {
        let site = try Site()
        try configure(site, siren + alarm("hot", "series = \"number/*\"\nabove = 80"))
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let script = """
            import sqlite3, sys, time
            connection = sqlite3.connect(sys.argv[1] + "/journal.db", isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            open(sys.argv[2], "w").write("held")
            time.sleep(600)
            """
        let flag = scratch.path + "/held"
        let python = try #require(ChildProcess.find("python3"))
        let locker = try ChildProcess(python, ["-c", script, site.data, flag])
        #expect(eventually { Files.exists(flag) })
        try publish(site, "number/oven", "81")
        #expect(wasTold("raised hot number/oven warning"))
        #expect(alarms(site).output.hasPrefix("warning  unacknowledged  hot  number/oven"))
        _ = locker.stop(signal: SIGKILL)
        #expect(eventually { site.query("SELECT count(*) FROM alarm_events") == ["1"] })
        #expect(gateway.stop() == 0)
    }

    @Test func aThousandAlarmsAtOnce() throws {
        let site = try Site()
        try configure(site, siren + alarm("hot", "series = \"number/*\"\nabove = 80"))
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort) {
            $0 < 1000 ? Publisher.Message("number/\($0)", "100") : nil
        }
        #expect(publisher.waitForEnd() == 1000)
        #expect(eventually { site.query("SELECT count(*) FROM alarms WHERE alarm = 'hot'") == ["1000"] })
        #expect(eventually { words.contains { $0.hasPrefix("flood flood") } })
        // Twenty one by one, and then all together.
        #expect(words.count { $0.hasPrefix("raised") } == 20)
        #expect(site.query("SELECT count(*) FROM alarm_events WHERE change = 'raised' AND alarm = 'hot'") == ["1000"])
        #expect(gateway.stop() == 0)
    }

    @Test func aTrialGoesTheWholeWayAndLeavesNoTrace() throws {
        let site = try Site()
        try configure(site, siren + alarm("hot", "series = \"number/*\"\nabove = 80"))
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let trial = alarms(site, "test", "hot", "number/oven")
        #expect(trial.status == 0, "\(trial.errors)")
        #expect(trial.output.hasPrefix("warning  a trial: number/oven is 81, above 80  decided after "))
        #expect(trial.output.split(separator: "\n").last?.hasPrefix("siren  done after ") == true)
        #expect(alarms(site).output.hasPrefix("all is well"))
        #expect(site.query("SELECT DISTINCT test FROM alarm_events") == ["1"])
        #expect(alarms(site, "test", "hot", "other/oven").errors == "outpost alarms: hot is not for other/oven\n")
        #expect(gateway.stop() == 0)
    }

    /// From a Modbus reading to a coil, with neither broker nor web server there; and what is left behind.
    @Test func fromAReadingToACoil() throws {
        let port = freePort()
        let device = try OtherDevice("tcp", "\(port)")
        defer { device.stop() }
        func coil() -> String {
            outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--table", "coil", "--from", "10", "--count", "1")
                .output
        }
        // A device that is not there is no good value, and an alarm.
        try #require(eventually { coil() == "10  0\n" })
        let site = try Site(startsBroker: false)
        try configure(
            site,
            """
            [[modbus]]
            name = "hall"
            address = "tcp://127.0.0.1:\(port)"
            [[modbus.device]]
            name = "tank"
            every = "50ms"
            timeout = "1s"
            [[modbus.device.point]]
            series = "level"
            address = 50
            writable = true
            [[modbus.device.point]]
            series = "horn"
            address = 10
            table = "coil"
            writable = true
            [[action]]
            name = "bus"
            kind = "mqtt"
            broker = "plant"
            [[action]]
            name = "office"
            kind = "webhook"
            url = "http://127.0.0.1:1/"
            [[action]]
            name = "horn"
            kind = "modbus_write"
            point = "tank/horn"
            value = 1
            clear_value = 0
            failsafe = 1
            \(alarm("full", "series = \"tank/level\"\nabove = 80", actions: "[\"bus\", \"office\", \"horn\"]"))
            """)
        let gateway = try site.startGateway()
        #expect(gateway.isReady())
        func set(_ level: Int) -> CommandResult {
            outpost("modbus", "write", "tank/level", "\(level)", "--config", site.configurationPath)
        }
        func horn() -> String {
            site.query("SELECT value FROM latest WHERE series = 'tank/horn'").first ?? "none"
        }
        #expect(eventually { set(10).status == 0 })
        #expect(eventually { horn() == "0.0" })
        #expect(set(90).status == 0)
        #expect(eventually { horn() == "1.0" })
        #expect(set(20).status == 0)
        #expect(eventually { horn() == "0.0" })
        #expect(
            eventually {
                site.query("SELECT outcome FROM alarm_actions WHERE action = 'horn' ORDER BY number") == [
                    "done", "done",
                ]
            })
        // Nobody watches any more.
        #expect(gateway.stop() == 0)
        #expect(coil() == "10  1\n")
    }
}
