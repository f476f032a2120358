import Glibc
import Modbus
import Platform
import Polling
import Readings
import Settings

/// `[modbus_server]`: a thread that serves the latest values as registers, input and holding alike. The discrete input
/// of the same address is 1 as long as the value is good and not too old; else its registers hold what stands for none.
final class RegisterServer: Sendable {
    private static let name = "modbus-server"
    private static let refresh: Duration = .milliseconds(100)

    private let settings: ModbusServerSettings
    private let values: LatestValues
    private let surroundings: Surroundings
    private let life = Monitor<(isStopping: Bool, isOver: Bool)>((false, true))

    init(_ settings: ModbusServerSettings, values: LatestValues, surroundings: Surroundings) {
        self.settings = settings
        self.values = values
        self.surroundings = surroundings
    }

    func start() throws(SystemError) {
        life.withLock { $0.isOver = false }
        surroundings.parts.report(Self.name, .starting)
        _ = try DedicatedThread(Self.name) { [self] in
            run()
            surroundings.parts.report(Self.name, .stopped)
            life.withLock { $0.isOver = true }
            life.notify()
        }
    }

    func stop() {
        life.withLock { $0.isStopping = true }
        life.notify()
    }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { life.wait(until: deadline) { !$0.isOver } }

    private var isStopping: Bool { life.withLock { $0.isStopping } }

    private func run() {
        while !isStopping {
            do throws(SystemError) {
                let server = try Server(host: settings.host, port: settings.port)
                surroundings.parts.report(
                    Self.name, .running, "\(settings.registers.count) values at \(settings.host):\(settings.port)")
                serve(server)
            } catch {
                surroundings.log.error(Self.name, repeats: "listen", "\(error)")
                surroundings.parts.report(Self.name, .degraded, "\(error)")
                let again = surroundings.clocks.monotonic() + .seconds(5)
                _ = life.wait(until: again) { !$0.isStopping }
            }
        }
    }

    private func serve(_ server: Server) {
        let registers = Registers()
        server.units[settings.unit] = registers
        while !isStopping {
            for register in settings.registers { set(register, registers) }
            server.serve(until: surroundings.clocks.monotonic() + Self.refresh)
        }
    }

    private func set(_ register: ModbusServerSettings.Register, _ registers: Registers) {
        let image = number(of: register.series).flatMap { register.point.image(of: $0) }
        registers.set(.discrete, register.point.address, to: image == nil ? 0 : 1)
        for (offset, value) in (image ?? register.point.noImage).enumerated() {
            for table in [RegisterTable.input, .holding] {
                registers.set(table, register.point.address + UInt16(offset), to: value)
            }
        }
    }

    /// Nil where there is none that is good and new enough.
    private func number(of series: SeriesName) -> Double? {
        guard let reading = values.latest(series), reading.quality == .good, case .number(let number) = reading.value
        else { return nil }
        let age = surroundings.clocks.wall() - reading.time.microseconds
        return age <= settings.maxAge.nanoseconds / 1000 ? number : nil
    }
}
