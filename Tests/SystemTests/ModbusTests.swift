import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// The binary on both ends of a line.
@Suite(.serialized) struct ModbusCommandTests {
    private let directory = TemporaryDirectory()
    private let port = freePort()

    private var configuration: String { directory.path + "/outpost.toml" }
    private var data: String { directory.path + "/data" }

    private func configure() throws {
        let text = """
            [gateway]
            data = "\(data)"
            [[modbus]]
            name = "hall"
            address = "tcp://127.0.0.1:\(port)"
            [[modbus.device]]
            name = "meter"
            unit = 7
            every = "100ms"
            timeout = "300ms"
            [[modbus.device.point]]
            series = "voltage"
            address = 10
            type = "f32"
            order = "CDAB"
            valid = [220, 240]
            unit = "V"
            [[modbus.device.point]]
            series = "state"
            address = 12
            bits = "0-1"
            labels = { 0 = "STOP", 1 = "RUN", 2 = "FAULT" }
            [[modbus.device.point]]
            series = "door"
            table = "discrete"
            address = 3

            """
        try Files.write(Array(text.utf8), to: configuration)
    }

    private func simulate() throws -> ChildProcess {
        let device = try ChildProcess(
            outpostBinary,
            ["modbus", "simulate", "--config", configuration, "--listen", "127.0.0.1:\(port)"])
        let isThere = eventually { outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--unit", "7").status == 0 }
        try #require(isThere)
        return device
    }

    private func query(_ sql: String) -> [String] {
        let result = outpost("query", "--data", data, "--format", "csv", sql)
        return result.output.split(separator: "\n").dropFirst().map(String.init)
    }

    @Test func fromTheDeviceToTheStore() throws {
        try configure()
        var device = try simulate()
        let log = open(directory.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(log) }
        let gateway = try ChildProcess(outpostBinary, ["run", "--config", configuration], output: log)
        #expect(
            eventually {
                query(
                    """
                    SELECT (SELECT count(*) > 10 FROM readings WHERE series = 'meter/voltage' AND quality = 'good'
                        AND value BETWEEN 220 AND 240) AS a,
                        (SELECT count(*) > 10 FROM readings WHERE series = 'meter/state' AND text IN ('STOP', 'RUN', 'FAULT')) AS b,
                        (SELECT count(*) > 10 FROM readings WHERE series = 'meter/door' AND value IN (0, 1)) AS c,
                        (SELECT unit FROM series WHERE series = 'meter/voltage') AS d
                    """) == ["1,1,1,V"]
            }, "\(query("SELECT series, quality, count(*) FROM readings GROUP BY 1, 2"))")
        let status = outpost("status", "--data", data).output
        #expect(status.contains("modbus/hall  running"))
        #expect(status.contains("outpost_modbus_achieved_period_microseconds"))

        // What is not read is never a value.
        _ = device.stop(signal: SIGKILL)
        #expect(
            eventually {
                query("SELECT quality, value IS NULL, text IS NULL FROM latest WHERE series = 'meter/state'")
                    == ["communication_error,1,1"]
            })
        #expect(outpost("status", "--data", data).output.contains("modbus/hall  degraded"))
        device = try simulate()
        #expect(eventually { query("SELECT quality FROM latest WHERE series = 'meter/voltage'") == ["good"] })
        #expect(gateway.stop(signal: SIGTERM).status == 0)
        #expect(device.stop(signal: SIGTERM).status == 0)
    }

    /// A panel beside the gateway sees what the gateway has read.
    @Test func theGatewayServesWhatItHasRead() throws {
        try configure()
        let serverPort = freePort()
        let server = """
            [modbus_server]
            listen = "127.0.0.1:\(serverPort)"
            max_age = "2s"
            [[modbus_server.register]]
            series = "meter/voltage"
            address = 10
            [[modbus_server.register]]
            series = "nothing/here"
            address = 12
            [[modbus_server.register]]
            series = "meter/door"
            address = 14
            type = "u16"

            """
        let configured = String(decoding: try Files.read(configuration), as: UTF8.self)
        try Files.write(Array((configured + server).utf8), to: configuration)
        let device = try simulate()
        let gateway = try ChildProcess(outpostBinary, ["run", "--config", configuration])
        func probe(_ table: String, from: Int, count: Int) -> String {
            outpost(
                "modbus", "probe", "tcp://127.0.0.1:\(serverPort)", "--table", table, "--from", "\(from)", "--count",
                "\(count)"
            ).output
        }
        #expect(eventually { probe("discrete", from: 10, count: 5) == "10  1\n11  0\n12  0\n13  0\n14  1\n" })
        for table in ["input", "holding"] {
            let first = probe(table, from: 10, count: 4).split(separator: "\n")[1].split(separator: " ")
            // The plain order of bytes, whatever that of the device.
            let volts = try #require(Double(first[4]))
            #expect((220...240).contains(volts))
            #expect(probe(table, from: 12, count: 2).contains("0x7fc0"))
        }
        // What is no longer read is no longer there.
        #expect(device.stop(signal: SIGTERM).status == 0)
        #expect(eventually { probe("discrete", from: 10, count: 1) == "10  0\n" })
        #expect(probe("input", from: 10, count: 1).contains("0x7fc0"))
        #expect(gateway.stop(signal: SIGTERM).status == 0)
    }

    @Test func theRightOrderOfBytesIsFound() throws {
        try configure()
        let device = try simulate()
        let probe = outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--unit", "7", "--from", "10", "--count", "2")
        #expect(probe.status == 0)
        #expect(probe.output.contains("address = 10\n    type = \"f32\"\n    order = \"CDAB\""))
        let other = outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--unit", "8", "--count", "2")
        #expect(other.status == 1 && other.output.contains("0 to 1  no answer"))
        #expect(device.stop(signal: SIGTERM).status == 0)
    }

    @Test func aRegisterListBecomesPoints() throws {
        let list = directory.path + "/list.csv"
        func run(_ text: String) throws -> CommandResult {
            try Files.write(Array(text.utf8), to: list)
            return outpost("modbus", "import", list)
        }
        let good = try run(
            "series,ref,type,order,scale,unit,every\r\nvolts,30001,f32,CDAB,,V,\r\n\"a, b\",40010,i16,,0.1,,5s\r\n")
        #expect(good.status == 0)
        #expect(
            good.output.contains(
                "series = \"volts\"\n    ref = 30001\n    type = \"f32\"\n    order = \"CDAB\"\n    unit = \"V\"\n"))
        #expect(
            good.output.contains(
                "series = \"a, b\"\n    ref = 40010\n    type = \"i16\"\n    scale = 0.1\n    every = \"5s\"\n"))
        // What it prints is read.
        try configure()
        let configured = String(decoding: try Files.read(configuration), as: UTF8.self)
        try Files.write(Array((configured + good.output).utf8), to: configuration)
        #expect(outpost("check", "--config", configuration).status == 0)

        let bad = try run("series,ref,type\nvolts,30001,f32\nx,99999999,f32\ny,40001,f33\n")
        #expect(bad.status == 2)
        #expect(bad.errors.contains("list.csv: line 3: ref = 99999999 is out of range"))
        #expect(bad.errors.contains("list.csv: line 4: type: \"f33\" is not known"))
        #expect(
            try run("series,reff\na,1\n").errors.contains("line 1: there is no key \"reff\", did you mean \"ref\"?"))
        #expect(try run("series,ref\na\n").errors.contains("line 2: 1 fields, where the header has 2"))
    }

    /// What a simulated device does wrong shows, and never as a value.
    @Test(arguments: ["silent", "exception", "garbage", "unit"])
    func faultsCanBeSwitchedOn(fault: String) throws {
        try configure()
        let device = try ChildProcess(
            outpostBinary,
            [
                "modbus", "simulate", "--config", configuration, "--listen", "127.0.0.1:\(port)", "--fault", fault,
                "--every", "3",
            ])
        _ = eventually { outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--unit", "7").status == 0 }
        let result = outpost("test", "--config", configuration, "--for", "4s")
        #expect(result.output.contains("good"))
        #expect(result.output.contains(fault == "exception" ? "device_exception" : "good"))
        for line in result.output.split(separator: "\n") where line.contains("meter/voltage = ") {
            #expect(line.contains("= 2") && line.contains("good") || line.contains("(no value)"), "\(line)")
        }
        #expect(device.stop(signal: SIGTERM).status == 0)
    }

    @Test func whatIsPickedIsPrinted() throws {
        try configure()
        let device = try simulate()
        let probe = outpost(
            "modbus", "probe", "tcp://127.0.0.1:\(port)", "--unit", "7", "--from", "10", "--pick", "12:u16")
        #expect(probe.output.contains("address = 12\n    type = \"u16\"\n    order = \"AB\""))
        #expect(device.stop(signal: SIGTERM).status == 0)
    }

    @Test(arguments: [
        (["modbus"], "something is missing"),
        (["modbus", "probe"], "probe ADDRESS, write SERIES VALUE, import FILE or simulate is expected"),
        (["modbus", "probe", "udp://x"], "an address has the form \"tcp://host:502\""),
        (["modbus", "probe", "tcp://a", "--unit", "300"], "--unit takes a number from 0 to 255, not \"300\""),
        (["modbus", "probe", "tcp://a", "--table", "x"], "--table is one of holding, input, coil and discrete"),
    ])
    func whatIsWrongIsSaid(words: [String], message: String) {
        let result = outpost(words)
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}
