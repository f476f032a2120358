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
    private let alarms: AlarmLevels
    private let surroundings: Surroundings
    private let thread: PartThread

    init(
        _ settings: ModbusServerSettings, values: LatestValues, alarms: AlarmLevels, surroundings: Surroundings
    ) throws(SystemError) {
        self.alarms = alarms
        self.settings = settings
        self.values = values
        self.surroundings = surroundings
        thread = try PartThread(Self.name, surroundings.parts)
    }

    func start() throws(SystemError) {
        try thread.start(thread: Self.name) { [self] in run() }
    }

    func stop() { thread.stop() }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }

    private func run() {
        while !thread.isStopping {
            do throws(SystemError) {
                let server = try Server(host: settings.host, port: settings.port)
                surroundings.parts.report(
                    Self.name, .running, "\(settings.registers.count) values at \(settings.host):\(settings.port)")
                serve(server)
            } catch {
                surroundings.log.error(Self.name, repeats: "listen", "\(error)")
                surroundings.parts.report(Self.name, .degraded, "\(error)")
                let again = surroundings.clocks.monotonic() + .seconds(5)
                _ = pollDescriptors([(thread.wake.descriptor, POLLIN)], until: again)
            }
        }
    }

    private func serve(_ server: Server) {
        let registers = Registers()
        server.units[settings.unit] = registers
        while !thread.isStopping {
            for register in settings.registers { set(register, registers) }
            server.serve(until: surroundings.clocks.monotonic() + Self.refresh)
        }
    }

    private func set(_ register: ModbusServerSettings.Register, _ registers: Registers) {
        let image = number(of: register.source).flatMap { register.point.image(of: $0) }
        registers.set(.discrete, register.point.address, to: image == nil ? 0 : 1)
        for (offset, value) in (image ?? register.point.noImage).enumerated() {
            for table in [RegisterTable.input, .holding] {
                registers.set(table, register.point.address + UInt16(offset), to: value)
            }
        }
    }

    /// Nil where there is none that is good and new enough.
    private func number(of source: ModbusServerSettings.Register.Source) -> Double? {
        switch source {
        case .series(let series): number(of: series)
        case .alarm(let name): alarms.number(of: name)
        }
    }

    private func number(of series: SeriesName) -> Double? {
        guard let reading = values.latest(series), reading.quality == .good, case .number(let number) = reading.value
        else { return nil }
        let age = surroundings.clocks.wall() - reading.time.microseconds
        return age <= settings.maxAge.nanoseconds / 1000 ? number : nil
    }
}
