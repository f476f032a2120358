import Demo
import Modbus
import ModbusInput
import Platform
import Polling
import Readings
import Synchronization
import TestSupport
import Testing

/// A device with SunSpec blocks, whose registers the test sets before it starts.
private final class BlockDevice: Sendable {
    let port = freePort()
    private let isOver = Mutex(false)
    private let isAwake: Mutex<Bool>

    /// Values of holding registers by address. Before it is awake it has none of them.
    init(_ values: [UInt16: UInt16], isAwake: Bool = true) throws {
        self.isAwake = Mutex(isAwake)
        let port = UInt16(port)
        _ = try DedicatedThread("blocks") { [self] in
            guard let server = try? Server(host: "127.0.0.1", port: port) else { return }
            let registers = Registers()
            server.units[1] = registers
            while !isOver.withLock({ $0 }) {
                if self.isAwake.withLock({ $0 }) {
                    for (address, value) in values { registers.set(.holding, address, to: value) }
                }
                server.serve(until: Clocks.system.monotonic() + .milliseconds(50))
            }
        }
    }

    func wake() { isAwake.withLock { $0 = true } }

    func stop() { isOver.withLock { $0 = true } }
}

@Suite struct SunSpecTests {
    /// "SunS", the common block, another, that of the inverter with 2,300 W as 23 times ten squared, and the end.
    private func blocks(start: UInt16, common: UInt16, model: UInt16 = 103) -> [UInt16: UInt16] {
        var values: [UInt16: UInt16] = [start: 0x5375, start + 1: 0x6E53, start + 2: 1, start + 3: common]
        let other = start + 4 + common
        values[other] = 11
        values[other + 1] = 13
        let inverter = other + 15
        values[inverter] = model
        values[inverter + 1] = 50
        values[inverter + 14] = 23
        values[inverter + 15] = 2
        values[inverter + 52] = 0xFFFF
        return values
    }

    private static let device = """
        [[modbus.device]]
        name = "roof"
        every = "200ms"
        sunspec = 103
        [[modbus.device.point]]
        series = "power"
        address = 14
        type = "i16"
        scale_register = 15
        """

    @Test(arguments: [UInt16(40_000), 50_000, 0], [UInt16(65), 66])
    func theBlockIsFoundWhereverItBegins(start: UInt16, common: UInt16) throws {
        let device = try BlockDevice(blocks(start: start, common: common))
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(device.port)", Self.device)
        #expect(
            eventually { bench.last("roof/power").map { $0.value == .number(2300) && $0.quality == .good } ?? false })
        #expect(bench.scene.logged("the SunSpec block 103 begins at \(start + 4 + common + 15)"))
        #expect(bench.stop())
    }

    /// The line is well again then.
    @Test func aDeviceThatWakesLateIsFound() throws {
        let device = try BlockDevice(blocks(start: 40_000, common: 66), isAwake: false)
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(device.port)", Self.device)
        func state() -> Parts.State? { bench.scene.surroundings.parts.all.first { $0.name == bench.line.name }?.state }
        #expect(eventually { state() == .degraded })
        device.wake()
        #expect(eventually { bench.last("roof/power").map { $0.quality == .good } ?? false })
        #expect(eventually(within: 5) { state() == .running })
        #expect(bench.stop())
    }

    /// Whatever stands at the address that is left when the counting begins anew is no value of the block.
    @Test func pointsBehindTheLastRegisterAreNotRead() throws {
        var values = blocks(start: 40_000, common: 66)
        let address = UInt16(truncatingIfNeeded: 40_000 + 4 + 66 + 15 + 40_000)
        values[address] = 7
        values[address + 1] = 0
        let device = try BlockDevice(values)
        defer { device.stop() }
        let bench = try LineBench(
            "tcp://127.0.0.1:\(device.port)",
            Self.device.replacing("address = 14", with: "address = 40000").replacing("= 15", with: "= 40001"))
        #expect(eventually { bench.scene.logged("has no room for all points") })
        #expect(bench.shown.allSatisfy { $0.value == .absent })
        #expect(bench.stop())
    }

    @Test func aBlockThatIsNotThereIsSaid() throws {
        let device = try BlockDevice(blocks(start: 40_000, common: 66, model: 101))
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(device.port)", Self.device)
        #expect(eventually { bench.scene.logged("there is no SunSpec block 103") })
        #expect(bench.last("roof/power").map { $0.value == .absent && $0.quality == .communicationError } ?? false)
        #expect(bench.stop())
    }

    /// Lengths that lead round and round, or past the last register.
    @Test(arguments: [
        [UInt16(40_000): UInt16(0x5375), 40_001: 0x6E53], [40_000: 0x5375, 40_001: 0x6E53, 40_003: 65_535], [:],
    ])
    func blocksThatMakeNoSense(values: [UInt16: UInt16]) throws {
        let device = try BlockDevice(values)
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(device.port)", Self.device)
        #expect(eventually { bench.last("roof/power").map { $0.quality == .communicationError } ?? false })
        #expect(eventually { bench.scene.logged("SunS") })
        #expect(bench.stop())
    }
}
