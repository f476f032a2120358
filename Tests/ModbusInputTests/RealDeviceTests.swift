import Demo
import Glibc
import ModbusInput
import Platform
import Readings
import TestSupport
import Testing

/// Two ends of a serial line.
final class SerialPair {
    private var process: ChildProcess
    let ends: [String]

    init(_ directory: String) throws {
        let ends = ["a", "b"].map { directory + "/" + $0 }
        self.ends = ends
        process = try ChildProcess("/usr/bin/socat", ends.map { "pty,raw,echo=0,link=\($0)" })
        try #require(eventually { ends.allSatisfy { access($0, R_OK) == 0 } })
    }

    /// As an adapter that is unplugged.
    func unplug() {
        _ = process.stop(signal: SIGKILL)
        for end in ends { unlink(end) }
    }

    func plugIn() throws {
        process = try ChildProcess("/usr/bin/socat", ends.map { "pty,raw,echo=0,link=\($0)" })
        try #require(eventually { ends.allSatisfy { access($0, R_OK) == 0 } })
    }
}

@Suite struct RealDeviceTests {
    private static let points = """
        [[modbus.device]]
        name = "m"
        unit = 1
        every = "400ms"
        timeout = "500ms"
        [[modbus.device.point]]
        series = "voltage"
        address = 0
        type = "f32"
        unit = "V"
        [[modbus.device.point]]
        series = "delta"
        ref = 40003
        type = "i32"
        [[modbus.device.point]]
        series = "energy"
        table = "input"
        address = 4
        type = "u64"
        scale = 0.001
        [[modbus.device.point]]
        series = "share"
        address = 8
        type = "f64"
        [[modbus.device.point]]
        series = "none"
        address = 12
        type = "i16"
        invalid = [0x8000]
        [[modbus.device.point]]
        series = "small"
        address = 13
        type = "i16"
        [[modbus.device.point]]
        series = "bit1"
        address = 14
        bits = 1
        labels = { 0 = "CLOSED", 1 = "OPEN" }
        [[modbus.device.point]]
        series = "nan"
        address = 15
        type = "f32"
        [[modbus.device.point]]
        series = "model"
        address = 17
        type = "string"
        length = 4
        [[modbus.device.point]]
        series = "coil3"
        table = "coil"
        address = 3
        [[modbus.device.point]]
        series = "input1"
        ref = 10002
        """

    private static let expected: [String: (Value, Quality)] = [
        "m/voltage": (.number(230.5), .good), "m/delta": (.number(-5), .good),
        "m/energy": (.number(12_345_678.901), .good), "m/share": (.number(-0.125), .good),
        "m/none": (.absent, .deviceException), "m/small": (.number(-2), .good), "m/bit1": (.text("OPEN"), .good),
        "m/nan": (.absent, .deviceException), "m/model": (.text("SDM-1"), .good), "m/coil3": (.number(1), .good),
        "m/input1": (.number(0), .good),
    ]

    private func readsAll(_ bench: LineBench) -> Bool {
        let shown = bench.shown
        return Self.expected.allSatisfy { name, expected in
            shown.last { $0.name == name }.map { $0.value == expected.0 && $0.quality == expected.1 } ?? false
        }
    }

    @Test func everyTypeOverTCP() throws {
        let port = freePort()
        let device = try OtherDevice("tcp", "\(port)")
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(port)", Self.points)
        #expect(eventually { readsAll(bench) }, "\(bench.shown.suffix(12))")
        #expect(bench.stop())
    }

    @Test func everyTypeOverASerialLine() throws {
        let directory = TemporaryDirectory()
        let pair = try SerialPair(directory.path)
        defer { pair.unplug() }
        let device = try OtherDevice("serial", pair.ends[1])
        defer { device.stop() }
        let bench = try LineBench("rtu://\(pair.ends[0])?baud=9600&parity=N", Self.points)
        #expect(eventually { readsAll(bench) }, "\(bench.shown.suffix(12))")
        #expect(bench.stop())
    }

    @Test func anAdapterThatIsUnpluggedComesBack() throws {
        let directory = TemporaryDirectory()
        let pair = try SerialPair(directory.path)
        defer { pair.unplug() }
        var device = try OtherDevice("serial", pair.ends[1])
        let bench = try LineBench("rtu://\(pair.ends[0])?baud=9600&parity=N", Self.points)
        #expect(eventually { readsAll(bench) })
        pair.unplug()
        device.stop()
        #expect(eventually { bench.scene.logged("is the adapter plugged in?") }, "\(bench.scene.log)")
        #expect(
            eventually {
                bench.last("m/voltage").map { $0.value == .absent && $0.quality == .communicationError } == true
            })
        try pair.plugIn()
        device = try OtherDevice("serial", pair.ends[1])
        defer { device.stop() }
        #expect(eventually { readsAll(bench) }, "\(bench.scene.log)")
        #expect(bench.stop())
    }

    /// The hole between registers 20 and 110 ends the device's memory: what is asked for at once is less from then on.
    @Test func whatADeviceRefusesIsLearnt() throws {
        let port = freePort()
        let device = try OtherDevice("tcp", "\(port)")
        defer { device.stop() }
        let directory = TemporaryDirectory()
        let points = """
            [[modbus.device]]
            name = "m"
            every = "50ms"
            max_hole = 100
            [[modbus.device.point]]
            series = "there"
            address = 14
            [[modbus.device.point]]
            series = "beyond"
            address = 110
            """
        let bench = try LineBench("tcp://127.0.0.1:\(port)", points, directory: directory.path)
        #expect(eventually { bench.last("m/there").map { $0.quality == .good } == true })
        #expect(eventually { bench.scene.logged("asking for less at once") })
        #expect(bench.stop())
        // And it is known after a restart: not one reading of it is lost any more.
        let again = try LineBench("tcp://127.0.0.1:\(port)", points, directory: directory.path)
        #expect(eventually { again.shown.count { $0.name == "m/there" } > 3 })
        #expect(again.shown.allSatisfy { $0.name != "m/there" || $0.quality == .good })
        #expect(again.last("m/beyond").map { $0.quality == .deviceException } == true)
        #expect(again.stop())
    }

    @Test func aDeviceThatIsNotThereIsSaid() throws {
        let bench = try LineBench("tcp://127.0.0.1:\(freePort())", Self.points)
        #expect(eventually { bench.scene.logged("cannot open tcp://127.0.0.1") })
        #expect(eventually { bench.last("m/voltage").map { $0.quality == .communicationError } == true })
        #expect(bench.shown.allSatisfy { $0.value == .absent })
        #expect(bench.stop())
    }

    private func writesAll(_ address: String) throws {
        let written = ["voltage", "energy", "share", "small", "coil3"]
        let points = written.reduce(Self.points.replacing("table = \"input\"", with: "table = \"holding\"")) {
            $0.replacing("series = \"\($1)\"", with: "series = \"\($1)\"\nwritable = true")
        }
        let bench = try LineBench(address, points)
        #expect(eventually { bench.last("m/voltage").map { $0.value == .number(230.5) } ?? false })
        for (series, value) in [
            ("voltage", 0.1), ("energy", 98_765.432), ("share", -1.0 / 3), ("small", -300), ("coil3", 0),
        ] {
            #expect(bench.write("\(value)", to: "m/\(series)") == .written, "\(series)")
            let shown = series == "voltage" ? Double(Float(value)) : value
            #expect(eventually { bench.last("m/\(series)").map { $0.value == .number(shown) } ?? false }, "\(series)")
        }
        #expect(
            bench.write("OPEN", to: "m/bit1")
                == WriteOutcome(.refused, "the point is not marked as writable"))
        #expect(bench.stop())
    }

    @Test func whatIsWrittenOverTCPIsThere() throws {
        let port = freePort()
        let device = try OtherDevice("tcp", "\(port)")
        defer { device.stop() }
        try writesAll("tcp://127.0.0.1:\(port)")
    }

    @Test func whatIsWrittenOverASerialLineIsThere() throws {
        let directory = TemporaryDirectory()
        let pair = try SerialPair(directory.path)
        defer { pair.unplug() }
        let device = try OtherDevice("serial", pair.ends[1])
        defer { device.stop() }
        try writesAll("rtu://\(pair.ends[0])?baud=9600&parity=N")
    }
}
