import Demo
import Exchange
import Modbus
import ModbusInput
import Platform
import Polling
import Settings

enum ModbusCommand: Command {
    static let name = "modbus"
    static let summary = "looks into Modbus devices, writes to them, and plays them"
    static let usage = """
        probe ADDRESS [--unit N] [--table holding|input|coil|discrete] [--from N] [--count N]
               outpost modbus write SERIES VALUE [--config FILE] [--by NAME]
               outpost modbus import FILE
               outpost modbus simulate --config FILE [--line NAME] [--listen HOST:PORT]
                   [--fault KIND --every N]

          probe          reads registers and shows what they can mean, in every order of bytes
          ADDRESS        tcp://host:502, rtu+tcp://host:4001 or rtu:///dev/ttyUSB0?baud=9600&parity=E
          --unit N       the unit (default 1)
          --table NAME   the table (default holding)
          --from N       the first address, as it goes over the wire (default 0)
          --count N      how many (default 20)

          import         prints the points of a register list for the configuration: CSV with a header of the keys that
                         points have, such as series,ref,type,order,scale,unit

          write          writes a number or a label to a point that is marked writable = true, and reads it back: through
                         the gateway where one runs, which has the line, or else by itself. Each attempt is a row of
                         the table audit; before the first start of a gateway it is recorded nowhere
          --config FILE  the configuration (default \(Arguments.installedConfiguration))
          --by NAME      who is named in the table audit, before the user who runs this

          simulate       serves the devices of a line of the configuration, with values that move
          --line NAME    which line (default: the first)
          --listen       where (default 127.0.0.1:1502)
          --fault KIND   what is wrong with some answers: \(ServerFault.allCases.map(\.rawValue).joined(separator: ", "))
          --every N      with each so manieth (default 10)
          --pick A:T:O   probe prints the point at address A, of type T in order O, such as 12:f32:CDAB
        """
    static let options = ArgumentRules(
        values: [
            "--unit", "--table", "--from", "--count", "--config", "--line", "--listen", "--fault", "--every", "--pick",
            "--by",
        ], words: 1...3)

    static func run(_ arguments: Arguments) throws -> Int32 {
        switch (arguments.words.first, arguments.words.count) {
        case ("probe", 2): return try probe(arguments)
        case ("write", 3): return try WriteCommand(arguments).run()
        case ("import", 2): return try importList(arguments.words[1])
        case ("simulate", 1): return try simulate(arguments)
        default: throw UsageError(message: "probe ADDRESS, write SERIES VALUE, import FILE or simulate is expected")
        }
    }

    // MARK: - Probing

    private static func probe(_ arguments: Arguments) throws -> Int32 {
        let address: LineAddress
        do {
            address = try LineAddress(parsing: arguments.words[1])
        } catch {
            throw UsageError(message: "\(error)")
        }
        guard let table = RegisterTable(rawValue: arguments["--table"] ?? "holding") else {
            throw UsageError(message: "--table is one of holding, input, coil and discrete")
        }
        let unit = try arguments.integer("--unit", in: 0...255) ?? 1
        let first = try arguments.integer("--from", in: 0...65_535) ?? 0
        let count = try arguments.integer("--count", in: 1...(65_536 - first)) ?? min(20, 65_536 - first)
        var probe = try ModbusProbe(address, unit: UInt8(unit))
        let found = probe.read(table, from: first, count: count)
        let pick = try arguments["--pick"].map { try self.pick($0) }
        StandardOutput.write(ProbeReport(table: table, found: found, pick: pick).text)
        return found.contains { if case .data = $0.answer { true } else { false } } ? 0 : 1
    }

    private static func pick(_ text: String) throws(UsageError) -> ProbeReport.Pick {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), let address = UInt16(parts[0]),
            let type = RegisterType(rawValue: parts[1]),
            let count = type.byteCount,
            let order = parts.count == 3 ? ByteOrder(parts[2], byteCount: count) : .plain(byteCount: count)
        else { throw UsageError(message: "--pick takes an address, a type and an order, such as 12:f32:CDAB") }
        return ProbeReport.Pick(address: address, type: type, order: order)
    }

    // MARK: - Register lists

    private static func importList(_ path: String) throws -> Int32 {
        let list: RegisterList
        do {
            list = try RegisterList(try Files.read(path, limit: 16 << 20))
        } catch let problem as CSVTable.Problem {
            throw CommandFailure("\(path): \(problem)", status: 2)
        }
        let problems = list.problems
        guard problems.isEmpty else {
            for problem in problems { printError("\(path): \(problem)") }
            return 2
        }
        StandardOutput.write(list.blocks)
        return 0
    }

    // MARK: - Simulating

    private static func simulate(_ arguments: Arguments) throws -> Int32 {
        let settings = try arguments.loadSettings()
        let wanted = arguments["--line"]
        guard let line = settings.modbus.first(where: { wanted == nil || $0.name == wanted }) else {
            throw CommandFailure(
                wanted.map { "the configuration has no [[modbus]] line \"\($0)\"" }
                    ?? "the configuration has no [[modbus]] line")
        }
        let listen = arguments["--listen"] ?? "127.0.0.1:1502"
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]), port > 0
        else { throw UsageError(message: "--listen takes HOST:PORT") }
        Signals.block()
        let fault = try arguments.word("--fault", ServerFault.allCases)
        let every = try arguments.integer("--every", in: 1...1_000_000) ?? 10
        let simulated = try SimulatedLine(
            line, host: String(listen[..<colon]), port: port, fault: fault.map { ($0, every) })
        StandardOutput.write("plays \(line.devices.count) devices of \(line.name) at tcp://\(listen)\n")
        simulated.run(isStopping: { Signals.wait(for: .zero) == .stop })
        return 0
    }
}
