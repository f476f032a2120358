import Alarms
import Demo
import Modbus
import ModbusInput
import Platform
import Polling
import Readings
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Actions

/// A device with one coil, on a port of the loopback.
private final class CoilDevice: Sendable {
    private let coil = Mutex<UInt16>(0)
    private let isStopping = Atomic(false)

    /// As the device has it.
    var isOn: Bool { coil.withLock { $0 != 0 } }

    init(port: Int) throws {
        _ = try DedicatedThread("coil") { [self] in
            guard let server = try? Server(host: "127.0.0.1", port: UInt16(port)) else { return }
            let registers = Registers()
            server.units = [1: registers]
            while !isStopping.load(ordering: .relaxed) {
                server.serve(until: Clocks.system.monotonic() + .milliseconds(5))
                coil.withLock { $0 = registers.value(.coil, 0) }
            }
        }
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }
}

/// The line that writes, once there is one: actions and lines are made one after the other.
private final class LineHolder: Sendable {
    private let line = Mutex<ModbusLine?>(nil)

    func hold(_ line: ModbusLine) { self.line.withLock { $0 = line } }

    /// As a gateway has it.
    var write: PointWrite {
        { value, series, by, done in
            guard let line = self.line.withLock({ $0 }) else { return done(.failed("no line yet")) }
            line.write(value, to: series, by: by) { outcome in
                switch outcome.kind {
                case .written: done(.written)
                case .refused: done(.refused(outcome.detail))
                case .notTried, .failed, .unknown: done(.failed("\(outcome)"))
                }
            }
        }
    }
}

/// A real line, with a device of libmodbus at its end.
@Suite struct RealDeviceTests {
    private let port = freePort()
    private let holder = LineHolder()

    private func bench() throws -> (ActionBench, ModbusLine) {
        let bench = try ActionBench(
            """
            [[modbus]]
            name = "line-1"
            address = "tcp://127.0.0.1:\(port)"
            [[modbus.device]]
            name = "io"
            timeout = "200ms"
            [[modbus.device.point]]
            series = "siren"
            table = "coil"
            address = 0
            writable = true
            [[action]]
            name = "horn"
            kind = "modbus_write"
            point = "io/siren"
            value = 1
            clear_value = 0
            failsafe = 1
            """, write: holder.write)
        let line = try ModbusLine(
            bench.settings.modbus[0], directory: nil, sink: NoStore(), catalogue: SeriesCatalogue(limit: 10),
            surroundings: bench.scene.surroundings)
        holder.hold(line)
        try line.start()
        return (bench, line)
    }

    private func end(_ line: ModbusLine) {
        line.stop()
        #expect(line.waitUntilStopped(deadline: Clocks.farAway))
    }

    @Test func theSirenSoundsAsLongAsTheAlarmStands() throws {
        let device = try CoilDevice(port: port)
        let (bench, line) = try bench()
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(eventually { device.isOn })
        bench.submit(event(2, change: .cleared), .turnOff)
        #expect(eventually { bench.reports.outcome(2) == .done })
        #expect(eventually { !device.isOn })
        // The failsafe goes the same way, after the worker has ended.
        #expect(bench.stop())
        #expect(bench.actions.takeFailsafe() == [:])
        #expect(eventually { device.isOn })
        end(line)
        device.stop()
    }

    @Test func aDeviceThatComesBackIsSetThen() throws {
        let (bench, line) = try bench()
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.detail("action/horn").hasPrefix("degraded not tried: the line line-1 is not open") })
        let device = try CoilDevice(port: port)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(eventually { device.isOn })
        #expect(bench.reports.rows[0].report.attempts > 1)
        #expect(bench.stop())
        end(line)
        device.stop()
    }
}
