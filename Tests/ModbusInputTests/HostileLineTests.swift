import ModbusInput
import Platform
import Readings
import TestSupport
import Testing

/// What users and adapters do to a line.
@Suite struct HostileLineTests {
    private static let device = """
        [[modbus.device]]
        name = "d"
        every = "50ms"
        [[modbus.device.point]]
        series = "power"
        address = 1

        """

    /// An adapter that goes while a device is waited for is not waited for: nothing comes of that but a busy processor.
    @Test func anAdapterThatGoesInTheMiddleOfARequestIsNoticedAtOnce() throws {
        let directory = TemporaryDirectory()
        let pair = try SerialPair(directory.path)
        defer { pair.unplug() }
        let bench = try LineBench(
            "rtu://\(pair.ends[0])?baud=9600&parity=N",
            Self.device.replacing("every", with: "timeout = \"60s\"\nevery"))
        #expect(eventually { bench.scene.logged("opened rtu://") })
        pair.unplug()
        #expect(eventually { bench.scene.logged("is the adapter plugged in?") })
        #expect(bench.stop())
    }

    /// Some gateways are not ready when they take a connection: the first one is no different from those after it.
    @Test func theFirstConnectionHasItsPauseToo() throws {
        let simulated = try FaultyDevice(.tcp) { _ in .none }
        defer { simulated.stop() }
        let start = Clocks.system.wall()
        let bench = try LineBench(
            "tcp://127.0.0.1:\(simulated.port)",
            Self.device.replacing("every", with: "pause_after_connect = \"300ms\"\nevery"))
        #expect(eventually { !bench.sink.rows.isEmpty })
        #expect(bench.stop())
        #expect(bench.sink.rows[0].time.microseconds - start >= 300_000)
    }
}
