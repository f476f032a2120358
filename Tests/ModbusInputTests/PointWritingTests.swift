import Demo
import Platform
import Polling
import Readings
import Settings
import Synchronization
import TestSupport
import Testing

@testable import ModbusInput

/// What is written to a device, and what is said of it when something goes wrong.
@Suite struct PointWritingTests {
    /// Its points are polled once an hour, and their moments spread over it: what goes over the line is what the test writes.
    private static let points = """
        [[modbus.device]]
        name = "d"
        every = "1h"
        timeout = "60ms"
        retries = 1
        [[modbus.device.point]]
        series = "setpoint"
        address = 10
        type = "i16"
        scale = 0.1
        writable = true
        [[modbus.device.point]]
        series = "mode"
        address = 20
        labels = { 0 = "OFF", 1 = "AUTO", 2 = "full power" }
        writable = true
        [[modbus.device.point]]
        series = "level"
        address = 30
        type = "f32"
        order = "CDAB"
        writable = true
        [[modbus.device.point]]
        series = "valve"
        table = "coil"
        address = 3
        writable = true
        [[modbus.device.point]]
        series = "power"
        address = 40
        """

    private func bench(_ device: FaultyDevice, _ points: String = points, scheme: String = "tcp") throws -> LineBench {
        let bench = try LineBench("\(scheme)://127.0.0.1:\(device.port)", points)
        // Polling begins with one request.
        try #require(eventually { !bench.shown.isEmpty })
        return bench
    }

    @Test(arguments: [FaultyDevice.Framing.tcp, .rtu])
    func whatIsWrittenIsReadBack(framing: FaultyDevice.Framing) throws {
        let device = try FaultyDevice(framing) { _ in .none }
        defer { device.stop() }
        let bench = try bench(device, scheme: framing == .tcp ? "tcp" : "rtu+tcp")
        let before = device.functions.count
        let values = [
            ("21.5", "d/setpoint"), ("-0.1", "d/setpoint"), ("full power", "d/mode"), ("1", "d/mode"),
            ("0.1", "d/level"), ("1", "d/valve"), ("0", "d/valve"),
        ]
        for (value, series) in values { #expect(bench.write(value, to: series) == .written, "\(series) = \(value)") }
        #expect(device.functions[before...] == [6, 3, 6, 3, 6, 3, 6, 3, 16, 3, 5, 1, 5, 1])
        #expect(bench.stop())
        #expect(bench.sink.audit.map { [$0.target, $0.value] } == values.map { [$0.1, $0.0] })
        #expect(bench.sink.audit.allSatisfy { $0.action == "modbus write" && $0.by == "tester" && $0.time > 0 })
        #expect(bench.sink.audit.allSatisfy { $0.outcome == "written" })
        #expect(bench.counter("outpost_modbus_writes_total", ["outcome": "written"]) == 7)
    }

    @Test(arguments: [
        ("d/power", "1", "the point is not marked as writable"),
        ("d/setpoint", "warm", "\"warm\" is no number"), ("d/setpoint", "40000", "400000.0 does not fit into i16"),
        ("d/mode", "auto", "\"auto\" is none of OFF, AUTO, full power"), ("d/valve", "2", "a coil is 0 or 1"),
        ("d/level", "1e39", "1e+39 does not fit into f32"), ("d/nothing", "1", "the line line has no point d/nothing"),
    ])
    func whatCannotBeWrittenIsRefused(series: String, value: String, reason: String) throws {
        let device = try FaultyDevice(.tcp) { _ in .none }
        defer { device.stop() }
        let bench = try bench(device)
        let before = device.functions.count
        #expect(bench.write(value, to: series) == WriteOutcome(.refused, reason))
        #expect(bench.stop())
        #expect(device.functions.count == before)
        #expect(bench.sink.audit.map(\.outcome) == ["refused: \(reason)"])
    }

    /// The value of register 10 is 0x0072 as long as nobody writes it.
    @Test(
        arguments: [
            ([.ignored], WriteOutcome(.failed, "the device took it, and has 11.4 (0x0072) all the same"), [6, 3, 3]),
            ([.doneLater], .written, [6, 3, 3]),
            // Done, though nothing said so: it is not done again.
            ([.doneSilently], .written, [6, 3]),
            ([.ignoredSilently, .done], .written, [6, 3, 6, 3]),
            (
                [.ignoredSilently, .ignoredSilently], WriteOutcome(.failed, "no answer; it has 11.4 (0x0072)"),
                [6, 3, 6, 3]
            ),
            ([.ignoredAndClosed, .done], .written, [6, 3, 6, 3]),
            (
                [.doneAndDead], WriteOutcome(.unknown, "no answer, and it cannot be read back: no answer"),
                [6, 3, 3]
            ),
            ([.refused(4)], WriteOutcome(.failed, "the device refuses: device failure"), [6]),
            // Acknowledged, and done while it is looked at.
            (
                [.refused(5)], WriteOutcome(.failed, "the device took it, and has 11.4 (0x0072) all the same"),
                [6, 3, 3]
            ),
        ] as [([FaultyDevice.Writing], WriteOutcome, [UInt8])])
    func whateverTheDeviceDoes(writing: [FaultyDevice.Writing], outcome: WriteOutcome, functions: [UInt8]) throws {
        let device = try FaultyDevice(.tcp, writing: { writing[min($0, writing.count - 1)] }, { _ in .none })
        defer { device.stop() }
        let bench = try bench(device)
        let before = device.functions.count
        #expect(bench.write("21.5", to: "d/setpoint") == outcome, "\(writing)")
        #expect(device.functions[before...] == functions[...], "\(writing)")
        #expect(bench.stop())
        #expect(bench.sink.audit.map(\.outcome) == [outcome.description])
    }

    /// On a serial line, too, where the unit is not believed after a time-out: nothing is written just to be thrown away.
    @Test func aSerialLineIsNotWrittenTwice() throws {
        let device = try FaultyDevice(.rtu, writing: { $0 == 0 ? .ignoredSilently : .done }, { _ in .none })
        defer { device.stop() }
        let bench = try bench(device, scheme: "rtu+tcp")
        let before = device.functions.count
        #expect(bench.write("21.5", to: "d/setpoint") == .written)
        #expect(device.functions[before...].count { $0 == 6 } == 2)
        #expect(bench.stop())
    }

    // MARK: - Beside the polls

    private static let busy =
        """
        [[modbus.device]]
        name = "d"
        every = "20ms"
        timeout = "1s"
        single_registers = true

        """
        + (0..<20).map { "[[modbus.device.point]]\nseries = \"r\($0)\"\naddress = \($0)\nwritable = true\n" }.joined()

    @Test func aWriteGoesAheadOfThePolls() throws {
        let device = try FaultyDevice(.tcp, lateness: .milliseconds(30)) { _ in .late }
        defer { device.stop() }
        let bench = try bench(device, Self.busy)
        for value in 1...5 {
            let before = device.functions.count
            #expect(bench.write("\(value)", to: "d/r7") == .written)
            let place = device.functions[before...].firstIndex(of: 6).map { $0 - before } ?? 1000
            #expect(place <= 2, "after \(place) polls")
        }
        #expect(bench.stop())
    }

    @Test func aPollComesBetweenTwoWrites() throws {
        let device = try FaultyDevice(.tcp, lateness: .milliseconds(30)) { _ in .late }
        defer { device.stop() }
        let bench = try bench(device, Self.busy)
        let outcomes = Mutex<[WriteOutcome]>([])
        for value in 1...4 {
            bench.line.write("\(value)", to: SeriesName(path: "d/r7"), by: "tester") { outcome in
                outcomes.withLock { $0.append(outcome) }
            }
        }
        #expect(eventually { outcomes.withLock { $0.count } == 4 })
        #expect(bench.stop())
        #expect(outcomes.withLock { $0 }.allSatisfy { $0 == .written })
        let functions = device.functions
        let writes = functions.indices.filter { functions[$0] == 6 }
        // Its own read comes first.
        #expect(zip(writes, writes.dropFirst()).allSatisfy { $1 - $0 >= 3 }, "\(writes)")
    }

    @Test func aLineThatIsNotOpenSaysSoAtOnce() throws {
        let port = freePort()
        let bench = try LineBench("tcp://127.0.0.1:\(port)", Self.points)
        #expect(eventually { bench.scene.logged("cannot open") })
        let outcome = bench.write("1", to: "d/valve")
        #expect(outcome?.kind == .notTried)
        #expect(outcome?.detail.hasPrefix("the line line is not open: cannot open tcp://127.0.0.1:\(port)") == true)
        #expect(bench.stop())
        #expect(
            bench.write("1", to: "d/valve")
                == WriteOutcome(.notTried, "the line line is not open: the gateway stops"))
    }

    @Test func aStopInTheMiddleIsNoSuccess() throws {
        let device = try FaultyDevice(.tcp, writing: { _ in .doneAndDead }, { _ in .none })
        defer { device.stop() }
        let points = Self.points.replacing("timeout = \"60ms\"", with: "timeout = \"20s\"")
        let bench = try bench(device, points)
        let before = device.functions.count
        let outcome = Mutex<WriteOutcome?>(nil)
        bench.line.write("1", to: SeriesName(path: "d/valve"), by: "tester") { result in
            outcome.withLock { $0 = result }
        }
        #expect(eventually { device.functions.count > before })
        #expect(bench.stop())
        #expect(
            outcome.withLock { $0 } == WriteOutcome(.unknown, "the gateway stopped in the middle of it"))
    }
}

/// What waits for the line: time stands still until the test moves it.
@Suite struct WriteQueueTests {
    private let clock = VirtualClock()
    private let queue: WriteQueue
    private let write: RegisterWrite

    init() throws {
        queue = WriteQueue(line: "hall", clocks: clock.clocks)
        let settings = try LineBench.settings(
            "tcp://127.0.0.1:1",
            "[[modbus.device]]\nname = \"d\"\n[[modbus.device.point]]\nseries = \"s\"\naddress = 1\nwritable = true")
        write = try RegisterWrite("1", to: SeriesName(path: "d/s"), on: settings)
    }

    private func submit(within seconds: Int = 60, _ done: @escaping @Sendable (WriteOutcome) -> Void = { _ in }) throws
    {
        try queue.submit(
            WriteJob(write: write, deadline: clock.clocks.monotonic() + .seconds(seconds), done: done))
    }

    private func refusal() -> String? {
        do { try submit() } catch { return "\(error)" }
        return nil
    }

    @Test func itHasARate() throws {
        queue.open()
        for _ in 0..<10 { try submit() }
        #expect(refusal() == "not tried: the line hall takes no more than 10 writes a second")
        clock.advance(by: .milliseconds(999))
        #expect(refusal() != nil)
        clock.advance(by: .milliseconds(1))
        #expect(refusal() == nil)
    }

    @Test func itHasAnEnd() throws {
        queue.open()
        for number in 0..<16 {
            if number == 8 { clock.advance(by: .seconds(1)) }
            try submit()
        }
        clock.advance(by: .seconds(1))
        #expect(refusal() == "not tried: 16 writes wait for the line hall already")
        #expect(queue.next() != nil)
        #expect(refusal() == nil)
    }

    @Test func nothingIsWrittenThatNobodyExpectsAnyMore() throws {
        queue.open()
        let outcomes = Mutex<[WriteOutcome]>([])
        try submit(within: 3) { outcome in outcomes.withLock { $0.append(outcome) } }
        try submit(within: 5)
        clock.advance(by: .seconds(3))
        #expect(queue.next() != nil)
        #expect(outcomes.withLock { $0 } == [WriteOutcome(.notTried, "the line hall was busy with other things")])
        #expect(queue.isEmpty && queue.next() == nil)
    }

    @Test func whoeverWaitsIsToldThatTheLineIsClosed() throws {
        #expect(refusal() == "not tried: the line hall is not open: it has not been opened yet")
        queue.open()
        let outcomes = Mutex<[WriteOutcome]>([])
        for _ in 0..<3 { try submit { outcome in outcomes.withLock { $0.append(outcome) } } }
        queue.close("nobody answers")
        let told = WriteOutcome(.notTried, "the line hall is not open: nobody answers")
        #expect(outcomes.withLock { $0 } == [told, told, told])
        #expect(refusal() == told.description)
    }
}
