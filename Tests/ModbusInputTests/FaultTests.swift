import ModbusInput
import Platform
import Readings
import TestSupport
import Testing

/// A line whose devices do everything that they should not.
@Suite struct FaultTests {
    /// Two units with six requests of the same length each: an answer that is taken for another is a wrong value.
    private static func devices(timeout: String = "40ms", retries: Int = 0) -> String {
        [1, 2].map { unit in
            """
            [[modbus.device]]
            name = "d\(unit)"
            unit = \(unit)
            every = "20ms"
            timeout = "\(timeout)"
            retries = \(retries)
            single_registers = true

            """ + (0..<6).map { "[[modbus.device.point]]\nseries = \"r\($0)\"\naddress = \($0 * 10)\n" }.joined()
        }.joined()
    }

    private func wrongReadings(_ bench: LineBench) -> [String] {
        bench.shown.compactMap { row in
            let unit = UInt8(String(row.name.dropFirst().prefix { $0 != "/" })) ?? 0
            let register = UInt16(String(row.name.split(separator: "r").last ?? "")) ?? 0
            let right = Double(FaultyDevice.value(unit: unit, address: register * 10))
            switch (row.value, row.quality) {
            case (.number(right), .good), (.absent, .communicationError), (.absent, .deviceException): return nil
            default: return "\(row.name) = \(row.value) \(row.quality.name), not \(right)"
            }
        }
    }

    private func good(_ bench: LineBench) -> Int { bench.shown.count { $0.quality == .good } }

    @Test(arguments: FaultyDevice.Fault.allCases, [FaultyDevice.Framing.tcp, .rtu])
    func afterEachFaultTheLineGoesOn(fault: FaultyDevice.Fault, framing: FaultyDevice.Framing) throws {
        // Every fifth answer.
        let device = try FaultyDevice(framing) { $0 % 5 == 3 ? fault : .none }
        defer { device.stop() }
        let scheme = framing == .tcp ? "tcp" : "rtu+tcp"
        let bench = try LineBench("\(scheme)://127.0.0.1:\(device.port)", Self.devices())
        #expect(eventually { device.requests > 60 && good(bench) > 25 }, "\(device.requests) \(good(bench))")
        #expect(bench.stop())
        #expect(wrongReadings(bench) == [])
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>, [FaultyDevice.Framing.tcp, .rtu])
    func allFaultsAtRandom(seed: UInt64, framing: FaultyDevice.Framing) throws {
        let device = try FaultyDevice(framing) { number in
            var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
            // Half of the answers are sound.
            return Bool.random(using: &generator)
                ? .none : FaultyDevice.Fault.allCases.randomElement(using: &generator)!
        }
        defer { device.stop() }
        let scheme = framing == .tcp ? "tcp" : "rtu+tcp"
        let bench = try LineBench("\(scheme)://127.0.0.1:\(device.port)", Self.devices())
        #expect(eventually(within: 60) { device.requests > 250 })
        #expect(bench.stop())
        #expect(wrongReadings(bench) == [], "seed \(seed)")
        #expect(good(bench) > 30, "\(good(bench)) of \(device.requests)")
        print(
            "seed \(seed) \(framing): \(device.requests) requests, \(device.answeredWell) answered well, \(good(bench)) good"
        )
    }

    /// Whoever gives a serial line that is far away too little time gets nothing, and never the answers to earlier requests.
    @Test(arguments: [70, 170, 250])
    func answersThatAreLateForLongAreNotTakenForOthers(milliseconds: Int) throws {
        let device = try DistantDevice(lateness: .milliseconds(milliseconds))
        defer { device.stop() }
        let bench = try LineBench("rtu+tcp://127.0.0.1:\(device.port)", Self.devices(retries: 2))
        #expect(eventually { device.requests >= 12 })
        device.setLateness(.milliseconds(1))
        #expect(eventually { good(bench) >= 6 })
        #expect(bench.stop())
        #expect(wrongReadings(bench) == [])
    }

    /// Over TCP each answer that is right is taken, whatever comes around it.
    @Test func whatIsRightIsTaken() throws {
        let faults: [FaultyDevice.Fault] = [.none, .doubled, .inPieces, .closesAfter, .none]
        let device = try FaultyDevice(.tcp) { faults[$0 % faults.count] }
        defer { device.stop() }
        let bench = try LineBench("tcp://127.0.0.1:\(device.port)", Self.devices(timeout: "10s"))
        #expect(eventually { device.requests > 300 })
        #expect(bench.stop())
        #expect(wrongReadings(bench) == [])
        // The last request may have been cut off by the stop.
        #expect(device.answeredWell - good(bench) <= 1, "\(device.answeredWell) \(good(bench))")
        #expect(!bench.shown.contains { $0.quality == .communicationError })
    }
}
