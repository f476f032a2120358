import Demo
import Modbus
import ModbusInput
import Platform
import Polling
import Readings
import Settings

/// Requests as fast as they go, beside libmodbus' own, and a plant of lines at their rate.
public enum ModbusBench {
    private static let rounds = 5
    private static let lines = 32

    public static func run(seconds: Int) throws -> ModbusReport {
        let port = UInt16(freePort())
        let server = try HelperProcess([ModbusHelper.word, "\(port)"])
        defer { server.askToStop() }
        _ = try server.answer(ModbusHelper.ready, within: .seconds(10))
        return ModbusReport(
            loops: try [UInt16(1), 125].map { try loops($0, port, seconds: Double(seconds)) },
            fleetShare: try fleet(port, seconds: seconds), lines: lines, devices: ModbusHelper.units.count)
    }

    private static func loops(_ count: UInt16, _ port: UInt16, seconds: Double) throws -> ModbusReport.Loops {
        guard let bare = BareClient(host: "127.0.0.1", port: port, unit: 1) else {
            throw BenchError("libmodbus cannot connect")
        }
        var probe = try ModbusProbe(.tcp(host: "127.0.0.1", port: port), unit: 1)
        let request = ReadRequest(unit: 1, table: .holding, first: 0, count: count)
        var (theirs, ours): ([ModbusReport.Round], [ModbusReport.Round]) = ([], [])
        for _ in 0..<rounds {
            theirs.append(try round(seconds / Double(rounds)) { bare.read(first: 0, count: count) })
            ours.append(try round(seconds / Double(rounds)) { probe.answers(request) })
        }
        return ModbusReport.Loops(registers: Int(count), theirs: theirs, ours: ours)
    }

    private static func round(_ seconds: Double, _ request: () -> Bool) throws -> ModbusReport.Round {
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        var count = 0
        while (Clocks.system.monotonic() - start).inSeconds < seconds {
            for _ in 0..<50 where !request() { throw BenchError("a request was not answered") }
            count += 50
        }
        return ModbusReport.Round(
            perSecond: Double(count) / (Clocks.system.monotonic() - start).inSeconds,
            processorMicroseconds: (Clocks.processorTime() - processorStart).inSeconds * 1e6 / Double(count))
    }

    /// The share of one core that all lines take at a request a second of each device.
    private static func fleet(_ port: UInt16, seconds: Int) throws -> Double {
        let surroundings = Surroundings(log: Log(level: .error))
        let catalogue = SeriesCatalogue(limit: 1000)
        let all = try (0..<lines).map { number in
            try ModbusLine(
                settings(number, port), directory: nil, sink: NoStore(), catalogue: catalogue,
                surroundings: surroundings)
        }
        for line in all { try line.start() }
        // The first moments are those of connecting.
        _ = pollDescriptors([], until: Clocks.system.monotonic() + .seconds(2))
        let (start, processorStart) = (Clocks.system.monotonic(), Clocks.processorTime())
        _ = pollDescriptors([], until: start + .seconds(seconds))
        let share = (Clocks.processorTime() - processorStart).inSeconds / (Clocks.system.monotonic() - start).inSeconds
        for line in all { line.stop() }
        for line in all { _ = line.waitUntilStopped(deadline: Clocks.system.monotonic() + .seconds(5)) }
        return share
    }

    private static func settings(_ number: Int, _ port: UInt16) throws -> ModbusSettings {
        let devices = ModbusHelper.units.map { unit in
            """
            [[modbus.device]]
            name = "d\(unit)"
            unit = \(unit)
            series = "\(number)/d\(unit)"
            [[modbus.device.point]]
            series = "value"
            address = 0
            type = "f32"

            """
        }.joined()
        let text = "[[modbus]]\nname = \"line-\(number)\"\naddress = \"tcp://127.0.0.1:\(port)\"\n" + devices
        let loaded = Settings.load(
            "bench", files: ConfigurationText(text), environment: { _ in nil }, hostname: "bench")
        guard let line = loaded.settings?.modbus.first else { throw BenchError("\(loaded.problems)") }
        return line
    }
}
