import Modbus
import Platform
import Polling
import Settings

/// The devices of a line as a server plays them: each point has a value that moves.
public final class SimulatedLine {
    private static let step: Duration = .milliseconds(200)

    private let settings: ModbusSettings
    private let server: Server
    private let started: MonotonicTime

    /// `fault` is what each so manieth answer has wrong.
    public init(
        _ settings: ModbusSettings, host: String, port: UInt16, fault: (kind: ServerFault, every: Int)? = nil
    ) throws(SystemError) {
        self.settings = settings
        server = try Server(host: host, port: port)
        server.fault = fault
        started = Clocks.system.monotonic()
        for device in settings.devices where server.units[device.unit] == nil {
            server.units[device.unit] = Registers()
        }
        move()
    }

    /// Serves on a thread of its own, as long as the process lives.
    public static func play(_ settings: ModbusSettings, host: String, port: UInt16) throws(SystemError) {
        let line = Handover(line: try SimulatedLine(settings, host: host, port: port))
        _ = try DedicatedThread("devices") { line.line.run(isStopping: { false }) }
    }

    /// From the thread that makes it to the one that alone uses it from then on.
    private struct Handover: @unchecked Sendable {
        let line: SimulatedLine
    }

    /// Serves until it is told to stop.
    public func run(isStopping: () -> Bool) {
        while !isStopping() {
            server.serve(until: Clocks.system.monotonic() + Self.step)
            move()
        }
    }

    private func move() {
        let seconds = (Clocks.system.monotonic() - started).inSeconds
        for device in settings.devices {
            guard let registers = server.units[device.unit] else { continue }
            for (index, point) in device.points.enumerated() {
                set(point.point, Self.wave(seconds, index), registers)
            }
        }
    }

    /// Between 0 and 1, of another length for each point.
    private static func wave(_ seconds: Double, _ index: Int) -> Double {
        let turn = (seconds / Double(20 + index % 7 * 10) + Double(index) / 5).truncatingRemainder(dividingBy: 1)
        return abs(2 * turn - 1)
    }

    private func set(_ point: Point, _ wave: Double, _ registers: Registers) {
        let image = point.type == .text ? point.image(of: "SIMULATED") : point.image(of: Self.number(point, wave))
        for (offset, value) in (image ?? []).enumerated() {
            let address = point.address &+ UInt16(offset)
            // Other bits of the register are other points'.
            let others = point.bits.map { registers.value(point.table, address) & ~Self.mask($0) } ?? 0
            registers.set(point.table, address, to: value | others)
        }
        if let scale = point.scaleRegister { registers.set(point.table, scale, to: 0) }
    }

    private static func mask(_ bits: ClosedRange<Int>) -> UInt16 {
        bits.filter { $0 < 16 }.reduce(0) { $0 | 1 << UInt16($1) }
    }

    /// A value that the point can have.
    private static func number(_ point: Point, _ wave: Double) -> Double {
        if point.table.isBits || point.type == .bool { return wave.rounded() }
        // Of some bits too only those states that have a name.
        if let code = point.labels.keys.sorted().element(at: wave) { return Double(code) * point.scale + point.offset }
        if let bits = point.bits { return Double(Int(wave * Double(min(1 << bits.count, 1 << 16) - 1))) }
        if let valid = point.valid, valid.lowerBound.isFinite, valid.upperBound.isFinite {
            return valid.lowerBound + wave * (valid.upperBound - valid.lowerBound)
        }
        return 100 * wave * point.scale + point.offset
    }
}

extension Array {
    /// The one at a share of the way through.
    fileprivate func element(at share: Double) -> Element? {
        isEmpty ? nil : self[Swift.min(count - 1, Int(share * Double(count)))]
    }
}
