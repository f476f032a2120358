import Foundation
import Platform
import TestSupport
import Testing

/// The commands, as a person at a terminal meets them.
@Suite(.serialized) struct CommandTests {
    @Test func theBinaryStandsAlone() throws {
        let libraries = try run("ldd", outpostBinary)
        #expect(libraries.contains("libmosquitto.so"))
        #expect(!libraries.contains("libswift"))
        #expect(!libraries.contains("Foundation"))
        #expect(!libraries.contains("not found"))
        // Linked in for good, Foundation would show by the mangled names of its types.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: outpostBinary))
        for module in ["10Foundation", "20FoundationEssentials"] {
            #expect(bytes.range(of: Data(module.utf8)) == nil)
        }
        let size = bytes.count
        print("outpost is \(size / 1000) kB")
        #expect(size <= 12_000_000)
    }

    @Test func helpAndMistakes() {
        #expect(outpost("--help").output.contains("outpost demo"))
        #expect(outpost("--version").output.hasPrefix("outpost "))
        #expect(outpost().status == 2)
        let mistyped = outpost("exprot")
        #expect(mistyped.status == 2)
        #expect(mistyped.errors.contains("unknown command \"exprot\", did you mean \"export\"?"))
        let option = outpost("query", "--dta", "x", "SELECT 1")
        #expect(option.status == 2)
        #expect(option.errors.contains("unknown option --dta, did you mean --data?"))
        #expect(outpost("query", "--help").output.contains("usage: outpost query"))
        #expect(outpost("query", "--data", "/nowhere", "SELECT 1").status == 1)
        #expect(outpost("query", "--data", "/nowhere", "SELECT 1").errors.contains("/nowhere/journal.db is not there"))
        #expect(outpost("demo", "--for", "soon").status == 2)
    }

    @Test func theSampleIsAConfiguration() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/outpost.toml"
        let sample = outpost("config")
        #expect(sample.status == 0)
        try Files.write(Array(sample.output.utf8), to: path)
        let check = outpost("check", "--config", path)
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.output.contains("mqtt://127.0.0.1:1883"))
        #expect(check.output.split(separator: "\n").count <= 24)
    }

    @Test func everyProblemIsSaidAtOnce() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/outpost.toml"
        let text = """
            [gateway]
            id = "x"
            datta = "/tmp"

            [[mqtt]]
            name = "plant"
            broker = "http://x"
              [[mqtt.topic]]
              filter = "a/#/b"
              format = "numbr"
              series = "{topic}"
            """
        try Files.write(Array(text.utf8), to: path)
        for command in ["check", "run"] {
            let result = outpost(command, "--config", path)
            #expect(result.status == 2)
            let lines = result.errors.split(separator: "\n")
            #expect(lines[0].hasPrefix("\(path):3:1: unknown key \"datta\" in [gateway], did you mean \"data\"?"))
            #expect(lines[1].hasPrefix("\(path):7:"))
            #expect(lines[2].hasPrefix("\(path):9:"))
            #expect(lines[3].hasPrefix("\(path):10:"))
            #expect(lines[4].contains("4 errors in the configuration"))
        }
    }

    @Test func hostileConfigurationsGetASentence() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/outpost.toml"
        func check(_ path: String) -> String {
            let result = outpost("check", "--config", path)
            #expect(result.status == 2)
            return result.errors
        }
        #expect(check(directory.path).contains("directory"))
        #expect(check(directory.path + "/missing.toml").contains("outpost config"))
        try Files.write([UInt8](repeating: UInt8(ascii: "#"), count: 50_000_000), to: path)
        #expect(check(path).contains("4 MiB"))
        try Files.write([UInt8](repeating: UInt8(ascii: "["), count: 10_000), to: path)
        #expect(check(path).contains("\(path):1:"))
        try Files.write(Array("a = ".utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 10_000), to: path)
        #expect(check(path).contains("\(path):1:"))
        try Files.write(Array("[gateway]\nid = \"".utf8) + [0xC3, 0x28] + Array("\"".utf8), to: path)
        #expect(check(path).contains("\(path):2:"))
    }

    @Test func theDemoShowsAPlant() throws {
        let result = outpost("demo", "--headless", "--for", "4s")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("readings of 24 series are in the store"))
        // Nothing of it is left.
        let data = try #require(
            result.output.components(separatedBy: "--data ").dropFirst().first?.split(separator: " ").first)
        #expect(!Files.exists(String(data)))
    }

    @Test func theDemoKilledTakesItsBrokerAlong() throws {
        let directory = TemporaryDirectory()
        let log = open(directory.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        let demo = try ChildProcess(
            outpostBinary, ["demo", "--headless", "--data", directory.path + "/data"], output: log)
        close(log)
        func output() -> String { String(decoding: (try? Files.read(directory.path + "/log")) ?? [], as: UTF8.self) }
        #expect(eventually { output().contains("mqtt://127.0.0.1:") })
        let children = {
            (try? Files.read("/proc/\(demo.id)/task/\(demo.id)/children")).map { String(decoding: $0, as: UTF8.self) }
                ?? ""
        }
        let broker = try #require(children().split(separator: " ").first.map(String.init))
        demo.send(signal: SIGKILL)
        _ = demo.wait()
        #expect(eventually { !Files.exists("/proc/\(broker)") })
    }

    @Test func exportReturnsEveryBit() throws {
        let directory = TemporaryDirectory()
        let rows = #"""
            series,time,value,text,quality
            "a, ""b""",-5,-0.0,,good
            "a, ""b""",1,nan(0x7ff0000000000001),,uncertain
            "a, ""b""",2,5e-324,,good
            "a, ""b""",3,0.1,,good
            "a, ""b""",4,,"",good
            "a, ""b""",5,,"two
            lines",stale
            "a, ""b""",9223372036854775807,,,communication_error
            plant/ä,1,-inf,,good

            """#
        try Files.write(Array(rows.utf8), to: directory.path + "/rows.csv")
        let data = directory.path + "/data"
        let imported = outpost("import", "--data", data, directory.path + "/rows.csv")
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(outpost("export", "--data", data).output == rows)
        let some = outpost("export", "--data", data, "--series", "plant/*", "--time", "iso").output
        #expect(some == "series,time,value,text,quality\nplant/ä,1970-01-01T00:00:00.000001Z,-inf,,good\n")

        try Files.write(
            Array("m,site=b v=1,w=2i 1718000000000000000\nbad\nm v=\n".utf8), to: directory.path + "/rows.line")
        let partly = outpost("import", "--data", data, directory.path + "/rows.line")
        #expect(partly.status == 1)
        #expect(partly.errors.contains("rows.line:2: "))
        #expect(partly.errors.contains("rows.line:3: "))
        #expect(partly.output.hasPrefix("2 readings of 2 series imported"))
        #expect(
            outpost("export", "--data", data, "--format", "line", "--series", "m/b/w").output.contains("m/b/w value=2"))
    }

    @Test func aSecondGatewayAndAnImportAreRefused() throws {
        let site = try Site()
        let gateway = try site.startGateway()
        #expect(gateway.isReady())
        let second = outpost("run", "--config", site.configurationPath)
        #expect(second.status == 1)
        #expect(second.errors.contains("another gateway (process \(gateway.id)) works with \(site.data)"))
        let importing = outpost("import", "--config", site.configurationPath, "/dev/null")
        #expect(importing.status == 1)
        #expect(importing.errors.contains("process \(gateway.id)"))
        #expect(gateway.stop() == 0)
        #expect(outpost("status", "--data", site.data).errors.contains("no gateway is running"))
    }

    @Test func statusAndQueriesWhileItRuns() throws {
        let site = try Site()
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort) { number in
            number < 300 ? Publisher.Message("number/\(number % 3)", "\(number).5") : nil
        }
        #expect(publisher.waitForEnd() == 300)
        #expect(eventually { site.query("SELECT count(*) FROM readings") == ["300"] })
        #expect(
            site.query("SELECT series || '=' || value FROM latest") == [
                "number/0=297.5", "number/1=298.5", "number/2=299.5",
            ])
        #expect(site.query("SELECT count(*) FROM readings WHERE series = 'number/1' AND value > 100") == ["67"])
        #expect(site.query("SELECT series FROM series WHERE series GLOB '*2'") == ["number/2"])

        let status = outpost("status", "--config", site.configurationPath)
        #expect(status.status == 0)
        #expect(status.output.contains("mqtt/plant"))
        #expect(status.output.contains("outpost_mqtt_messages_total"))
        let json = outpost("status", "--data", site.data, "--json").output
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let parts = try #require(object["parts"] as? [[String: Any]])
        #expect(parts.allSatisfy { $0["state"] as? String == "running" })
        let metrics = try #require(object["metrics"] as? [[String: Any]])
        let readings = metrics.first { $0["name"] as? String == "outpost_journal_readings_total" }
        #expect(readings?["value"] as? Int == 300)
        #expect(gateway.stop() == 0)
    }

    @Test func theTrialStoresNothingAndTakesNothingAway() throws {
        let site = try Site()
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        #expect(gateway.stop() == 0)
        // The gateway is away: what comes now is owed to it.
        let trial = DispatchQueue(label: "trial")
        nonisolated(unsafe) var result: CommandResult?
        let configuration = site.configurationPath
        trial.async { result = outpost("test", "--config", configuration, "--for", "3s") }
        let publisher = try Publisher(port: site.brokerPort, rate: 50) { number in
            number < 100 ? Publisher.Message("number/x", number % 2 == 0 ? "\(number)" : "broken\u{1B}[2J") : nil
        }
        #expect(publisher.waitForEnd() == 100)
        trial.sync {}
        let shown = try #require(result)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains("number/x  [number/+]\n    number/x = "))
        #expect(shown.output.contains("payload: broken\u{FFFD}[2J"))
        let again = try site.startGateway()
        #expect(eventually { site.query("SELECT count(*) FROM readings") == ["50"] })
        #expect(again.stop() == 0)
    }

    @Test func systemdIsToldAndFed() throws {
        let site = try Site()
        let socketPath = site.directory.path + "/notify"
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        let gateway = try ChildProcess(
            "/usr/bin/env",
            [
                "NOTIFY_SOCKET=\(socketPath)", "WATCHDOG_USEC=2000000", outpostBinary, "run", "--config",
                site.configurationPath,
            ])
        var heard = ""
        func hear(_ text: String) -> Bool {
            eventually {
                var buffer = [UInt8](repeating: 0, count: 256)
                let count = recv(listener, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 { heard += String(decoding: buffer[..<count], as: UTF8.self) + "\n" }
                return heard.contains(text)
            }
        }
        #expect(hear("READY=1"))
        #expect(hear("STATUS=everything runs"))
        #expect(hear("WATCHDOG=1"))
        gateway.send(signal: SIGTERM)
        #expect(hear("STOPPING=1"))
        #expect(gateway.wait().status == 0)
    }

    private func run(_ program: String, _ arguments: String...) throws -> String {
        let directory = TemporaryDirectory()
        let file = open(directory.path + "/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(file) }
        let found = try #require(ChildProcess.find(program))
        #expect(try ChildProcess(found, arguments, output: file).wait().status == 0)
        return String(decoding: try Files.read(directory.path + "/out"), as: UTF8.self)
    }
}
