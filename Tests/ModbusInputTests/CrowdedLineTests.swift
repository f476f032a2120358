import ModbusInput
import Platform
import Readings
import Synchronization
import TestSupport
import Testing

/// What the readings of a line say, by the times that they carry: how long the test itself was kept waiting does not count.
private struct Recording {
    struct Row {
        var unit: Int
        var name: String
        var time: Int64
        var value: Value
        var quality: Quality

        var isGood: Bool { quality == .good }
        /// What a reading is that nothing was read for.
        var isAbsent: Bool { value == .absent && quality == .communicationError }
    }

    let rows: [Row]

    init(_ bench: LineBench) {
        rows = bench.sink.rows.map { row in
            let name = bench.catalogue.definition(of: row.series)?.name.description ?? "?"
            return Row(
                unit: Int(name.dropFirst().prefix { $0 != "/" }) ?? 0, name: name, time: row.time.microseconds,
                value: row.value, quality: row.quality)
        }
    }

    init(rows: [Row]) { self.rows = rows }

    /// The last ones that fit into so long a time.
    func last(_ duration: Duration) -> Recording {
        let end = rows.last?.time ?? 0
        return Recording(rows: rows.filter { $0.time > end - duration.microseconds })
    }

    func of(_ unit: Int) -> [Row] { rows.filter { $0.unit == unit } }

    /// From the first to the last, in periods.
    func span(_ period: Duration) -> Int {
        Int(((rows.last?.time ?? 0) - (rows.first?.time ?? 0)) / period.microseconds)
    }

    /// Those that are neither right nor absent for want of an answer. Each series is that of the register of its number.
    var wrong: [String] {
        rows.compactMap { row in
            let register = UInt16(row.name.split(separator: "/r").last ?? "") ?? 0
            let right = Double(FaultyDevice.value(unit: UInt8(row.unit), address: register))
            let isRight = row.isAbsent || row.isGood && row.value == .number(right)
            return isRight ? nil : "\(row.name) = \(row.value) \(row.quality.name), not \(right)"
        }
    }
}

extension Duration {
    fileprivate var microseconds: Int64 { nanoseconds / 1000 }
}

/// Lines on which one device is the trouble of the others.
@Suite(.serialized) struct CrowdedLineTests {
    /// A device with the registers from 0 on.
    private func device(_ unit: Int, every: Duration, timeout: Duration, registers: Int = 1) -> String {
        """
        [[modbus.device]]
        name = "u\(unit)"
        unit = \(unit)
        every = "\(every.microseconds / 1000)ms"
        timeout = "\(timeout.microseconds / 1000)ms"
        retries = 0

        """
            + (0..<registers).map { "[[modbus.device.point]]\nseries = \"r\($0)\"\naddress = \($0)\n" }.joined()
    }

    /// So many units on one line, of which every second one can be told to be silent.
    struct Crowd: Sendable, CustomTestStringConvertible {
        var framing: FaultyDevice.Framing
        var units: Int
        var period: Duration
        /// Longer than the period: who waits for one of the dead in each round has lost the rate of all.
        var timeout: Duration
        /// For how many the rate is looked at.
        var periods: Int

        var scheme: String { framing == .tcp ? "tcp" : "rtu+tcp" }
        var dead: [Int] { Array(1...units).filter { $0 % 2 == 0 } }
        var living: [Int] { Array(1...units).filter { $0 % 2 == 1 } }
        var testDescription: String { "\(units) units over \(scheme)" }

        /// A reading in each period, but for one in twenty.
        fileprivate func keepsItsPeriod(_ unit: Int, _ window: Recording) -> Bool {
            window.of(unit).count(where: \.isGood) * 20 >= periods * 19
        }
    }

    /// A device whose units are well but for those of which something is said.
    private func simulated(
        _ framing: FaultyDevice.Framing = .tcp, lateness: Duration = .zero,
        _ faultOfUnit: @escaping @Sendable (UInt8) -> FaultyDevice.Fault = { _ in .none }
    ) throws -> FaultyDevice {
        try FaultyDevice(framing, lateness: lateness, faultOfUnit: faultOfUnit, { _ in .none })
    }

    @Test(arguments: [
        Crowd(framing: .tcp, units: 20, period: .milliseconds(40), timeout: .milliseconds(60), periods: 60),
        Crowd(framing: .rtu, units: 6, period: .milliseconds(60), timeout: .milliseconds(90), periods: 40),
    ])
    func theLivingKeepTheirPeriodWhileOthersAreDead(crowd: Crowd) throws {
        let isSilent = Mutex(false)
        let simulated = try simulated(crowd.framing) { $0 % 2 == 0 && isSilent.withLock { $0 } ? .silent : .none }
        defer { simulated.stop() }
        let bench = try LineBench(
            "\(crowd.scheme)://127.0.0.1:\(simulated.port)",
            (1...crowd.units).map { device($0, every: crowd.period, timeout: crowd.timeout) }.joined())
        func isGood(_ unit: Int) -> Bool { bench.last("u\(unit)/r0").map { $0.quality == .good } ?? false }
        #expect(eventually { (crowd.dead + crowd.living).allSatisfy(isGood) })

        isSilent.withLock { $0 = true }
        func isLeftAlone(_ unit: Int) -> Bool { bench.gauge("outpost_modbus_silent", ["device": "u\(unit)"]) == 1 }
        #expect(eventually { crowd.dead.allSatisfy(isLeftAlone) })
        let settled = bench.sink.rows.count
        // The living have their rate for a while, in which the dead were tried, too.
        #expect(
            eventually {
                let recording = Recording(rows: Array(Recording(bench).rows.dropFirst(settled)))
                let window = recording.last(crowd.period * crowd.periods)
                return recording.span(crowd.period) >= crowd.periods && window.rows.contains(where: \.isAbsent)
                    && crowd.living.allSatisfy { crowd.keepsItsPeriod($0, window) }
            })
        let whileSilent = Recording(rows: Array(Recording(bench).rows.dropFirst(settled)))
        for unit in crowd.dead { #expect(whileSilent.of(unit).allSatisfy { $0.isAbsent }) }
        for unit in crowd.living { #expect(whileSilent.of(unit).allSatisfy { $0.isGood }) }

        isSilent.withLock { $0 = false }
        #expect(eventually { crowd.dead.allSatisfy(isGood) })
        #expect(bench.stop())
        #expect(Recording(bench).wrong == [])
    }

    /// Ten of its periods pass until it answers.
    @Test func aSlowDeviceMissesItsMomentsAndLeavesTheOthersTheirs() throws {
        let period = Duration.milliseconds(30)
        let isSlow = Mutex(true)
        let simulated = try simulated(lateness: period * 10) { $0 == 1 && isSlow.withLock { $0 } ? .late : .none }
        defer { simulated.stop() }
        let bench = try LineBench(
            "tcp://127.0.0.1:\(simulated.port)",
            device(1, every: period, timeout: .seconds(10)) + device(2, every: period, timeout: .seconds(10)))
        func missed() -> Int { bench.counter("outpost_modbus_missed_total") }
        #expect(eventually { missed() >= 40 })
        let (missedWhileSlow, slow) = (missed(), Recording(bench))
        // A moment had its turn or was missed, never both; ten are before the first reading, and ten behind the last one.
        #expect(slow.rows.count + missedWhileSlow <= 2 * (slow.span(period) + 24))
        #expect(slow.of(1).count <= slow.span(period) / 10 + 1)
        // To each turn of the other the slow one has no more than two.
        #expect(slow.of(2).count * 2 >= slow.of(1).count - 1, "\(slow.rows.map(\.unit))")

        // What was missed is not made up for.
        isSlow.withLock { $0 = false }
        #expect(eventually { Recording(bench).of(1).count >= slow.of(1).count + 22 })
        let quick = Recording(rows: Array(Recording(bench).of(1).dropFirst(slow.of(1).count + 1)))
        #expect(quick.rows.count <= quick.span(period) + 3, "\(quick.rows.count) in \(quick.span(period)) periods")
        #expect(bench.stop())
        #expect(Recording(bench).rows.allSatisfy { $0.isGood })
        #expect(Recording(bench).wrong == [])
    }

    @Test(arguments: [(units: 1, registers: 1000), (units: 8, registers: 125)])
    func aThousandPointsAreReadOnceInEachPeriod(units: Int, registers: Int) throws {
        let period = Duration.milliseconds(200)
        let simulated = try simulated()
        defer { simulated.stop() }
        let bench = try LineBench(
            "tcp://127.0.0.1:\(simulated.port)",
            (1...units).map { device($0, every: period, timeout: .seconds(10), registers: registers) }.joined())
        let rounds = 6
        var names: [String: [Recording.Row]] = [:]
        var counted = 0
        // In one stretch of time, that of the last ones, none of them had to wait for the line.
        #expect(
            eventually {
                guard bench.counter("outpost_modbus_readings_total") >= counted + rounds * 1000 else { return false }
                counted = bench.counter("outpost_modbus_readings_total")
                names = Dictionary(grouping: Recording(bench).last(period * rounds).rows, by: \.name)
                return names.count == 1000 && names.values.allSatisfy { (rounds - 1...rounds + 1).contains($0.count) }
            }, "\(names.count) \(Set(names.values.map(\.count)))")
        #expect(bench.stop())
        let recording = Recording(bench)
        #expect(recording.rows.allSatisfy { $0.isGood })
        #expect(recording.wrong == [])
        // Eight requests for a thousand points; the last one may have been cut off by the stop.
        #expect(simulated.requests - recording.rows.count / 125 <= 1)
        #expect(recording.rows.count <= 1000 * (recording.span(period) + 2))
    }

    /// It rides on a request that is made each 20 ms, and has its turn again in a minute.
    @Test func aLostAnswerCostsASlowPointNoPeriod() throws {
        let simulated = try FaultyDevice(.tcp) { $0 < 2 ? .silent : .none }
        defer { simulated.stop() }
        let points = device(1, every: .milliseconds(20), timeout: .milliseconds(100), registers: 3)
        let bench = try LineBench(
            "tcp://127.0.0.1:\(simulated.port)", points.replacing("\"r1\"", with: "\"r1\"\nevery = \"1m\""))
        #expect(eventually { Recording(bench).rows.count { $0.name == "u1/r0" && $0.isGood } >= 10 })
        #expect(bench.stop())
        let slow = Recording(bench).rows.filter { $0.name == "u1/r1" }
        #expect(slow.map(\.isAbsent) == [true, false])
        #expect(Recording(bench).wrong == [])
    }
}
