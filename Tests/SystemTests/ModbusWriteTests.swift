import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// `outpost modbus write` against the device of another library, which keeps what is written to it.
@Suite(.serialized) struct ModbusWriteTests {
    private let directory = TemporaryDirectory()
    private let port = freePort()
    private let user = String(cString: getpwuid(getuid()).pointee.pw_name)

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
            name = "pump"
            unit = 1
            every = "50ms"
            timeout = "300ms"
            [[modbus.device.point]]
            series = "set point"
            address = 0
            type = "f32"
            writable = true
            [[modbus.device.point]]
            series = "mode"
            address = 13
            labels = { 0 = "OFF", 1 = "AUTO", 2 = "full power" }
            writable = true
            [[modbus.device.point]]
            series = "power"
            address = 14
            [[modbus.device.point]]
            series = "far"
            address = 500
            writable = true

            """
        try Files.write(Array(text.utf8), to: configuration)
    }

    private func startDevice() throws -> OtherDevice {
        let device = try OtherDevice("tcp", "\(port)")
        try #require(
            eventually { outpost("modbus", "probe", "tcp://127.0.0.1:\(port)", "--count", "1").status == 0 },
            "make deps puts the device's library there")
        return device
    }

    private func write(_ series: String, _ value: String, _ more: String...) -> CommandResult {
        outpost(["modbus", "write", series, value, "--config", configuration] + more)
    }

    private func query(_ sql: String) -> [String] {
        let result = outpost("query", "--data", data, "--format", "csv", sql)
        return result.output.split(separator: "\n").dropFirst().map(String.init)
    }

    private var audit: [String] {
        query("SELECT action, target, value, by, outcome FROM audit WHERE time > ago('1h') ORDER BY time")
    }

    private func refusals() {
        for (series, value, reason) in [
            ("pump/power", "1", "refused: the point is not marked as writable"),
            ("pump/mode", "fast", "refused: \"fast\" is none of OFF, AUTO, full power"),
            ("pump/mode", "70000", "refused: 70000.0 does not fit into u16"),
            ("pump/mod", "1", "refused: no Modbus point has the series pump/mod, did you mean pump/mode?"),
        ] {
            let result = write(series, value)
            #expect(result.status == 2 && result.output.isEmpty, "\(series) \(result.status)")
            #expect(result.errors.contains(reason), "\(result.errors)")
        }
        let failed = write("pump/far", "1")
        #expect(failed.status == 1)
        #expect(failed.errors.contains("failed: the device refuses: illegal data address"), "\(failed.errors)")
    }

    @Test func throughTheGateway() throws {
        try configure()
        let device = try startDevice()
        defer { device.stop() }
        let log = open(directory.path + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(log) }
        let gateway = try ChildProcess(outpostBinary, ["run", "--config", configuration], output: log)
        #expect(eventually { query("SELECT 1 FROM latest WHERE series = 'pump/mode' AND quality = 'good'") == ["1"] })

        let written = write("pump/set point", "0.1")
        #expect(written.status == 0, "\(written.errors)")
        #expect(written.output == "pump/set point = 0.1: written and read back\n")
        #expect(write("pump/mode", "full power", "--by", "anna").status == 0)
        refusals()
        #expect(
            eventually {
                query("SELECT text FROM latest WHERE series = 'pump/mode'") == ["full power"]
                    && query("SELECT abs(value - 0.1) < 1e-6 FROM latest WHERE series = 'pump/set point'") == ["1"]
            })
        let rows = [
            "modbus write,pump/set point,0.1,\(user),written",
            "modbus write,pump/mode,full power,anna (\(user)),written",
            "modbus write,pump/power,1,\(user),refused: the point is not marked as writable",
        ]
        #expect(eventually { audit.count == 7 })
        #expect(Array(audit.prefix(3)) == rows, "\(audit)")
        #expect(outpost("status", "--data", data).output.contains("outcome=written"))

        // What nobody has asked for in this way is nothing to write.
        for line in [
            "modbus write", "modbus write\tpump/mode\t1", "modbus write\tpump/mode\t1\t\t", "modbus write\t\t1\t",
            "modbus write pump/mode 1", "modbus write\tpump/mode\u{7F}\t1\t",
        ] {
            let answer = String(decoding: try UnixSocket.ask(data + "/outpost.sock", line), as: UTF8.self)
            #expect(answer == "unknown request: \(line)")
        }
        #expect(try UnixSocket.ask(data + "/outpost.sock", "modbus write\tx\t\t").starts(with: "refused\t".utf8))
        #expect(eventually { audit.count == 8 })

        // A line whose device is gone: at once, and no success.
        device.stop()
        #expect(eventually { write("pump/mode", "OFF").errors.contains("not tried: the line hall is not open") })
        #expect(write("pump/mode", "OFF").status == 1)
        #expect(gateway.stop(signal: SIGTERM).status == 0)
    }

    @Test func withoutAGateway() throws {
        try configure()
        let device = try startDevice()
        defer { device.stop() }
        let first = write("pump/mode", "AUTO")
        #expect(first.status == 0)
        #expect(first.errors.contains("there is no journal in \(data) yet: this is recorded nowhere"))
        #expect(!Files.exists(data))

        try Files.write(Array("series,time,value,text,quality\na,1,1,,good\n".utf8), to: directory.path + "/rows.csv")
        #expect(outpost("import", "--data", data, directory.path + "/rows.csv").status == 0)
        let second = write("pump/set point", "-7.25", "--by", "anna")
        #expect(second.status == 0 && second.errors.isEmpty, "\(second.errors)")
        #expect(audit == ["modbus write,pump/set point,-7.25,anna (\(user)),written"])
        refusals()
        #expect(audit.count == 6)
        #expect(query("SELECT count(*) FROM readings") == ["1"])
        device.stop()
        let closed = write("pump/mode", "OFF")
        #expect(closed.status == 1)
        #expect(closed.errors.contains("not tried: cannot open tcp://127.0.0.1:\(port)"), "\(closed.errors)")
    }

    @Test(arguments: [
        (["modbus", "write", "a"], "is expected"), (["modbus", "write", "a", "1", "2"], "too many words: 2"),
        (["modbus", "write", "", "1"], "a series has a name"),
        (["modbus", "write", "a", "1\t2"], "control characters"),
    ])
    func whatIsWrongIsSaid(words: [String], message: String) {
        let result = outpost(words)
        #expect(result.status == 2)
        #expect(result.errors.contains(message), "\(result.errors)")
    }
}
