import ModbusInput
import Polling
import Readings

/// What registers can mean, side by side: numbers of one register, and of two in every order of their bytes.
struct ProbeReport {
    /// A value that somebody has made out.
    struct Pick {
        let address: UInt16
        let type: RegisterType
        let order: ByteOrder
    }

    let table: RegisterTable
    let found: [ModbusProbe.Found]
    let pick: Pick?

    var text: String {
        var lines: [String] = []
        if !table.isBits { lines.append(Self.row(["address", "hex", "u16", "i16"] + Self.headers)) }
        for part in found {
            switch part.answer {
            case .refused(let reason): lines.append("\(span(part.request))  \(reason)")
            case .data(let data): lines += table.isBits ? bits(part.request, data) : registers(part.request, data)
            }
        }
        return lines.joined(separator: "\n") + "\n" + advice
    }

    private func span(_ request: ReadRequest) -> String {
        request.count == 1 ? "\(request.first)" : "\(request.first) to \(Int(request.first) + Int(request.count) - 1)"
    }

    private func bits(_ request: ReadRequest, _ data: [UInt8]) -> [String] {
        (0..<Int(request.count)).map { "\(Int(request.first) + $0)  \(data[$0 / 8] >> UInt8($0 % 8) & 1)" }
    }

    // MARK: - Registers

    private static let orders = ByteOrder.all(byteCount: 4)
    private static let pairs: [(type: RegisterType, order: ByteOrder)] =
        [RegisterType.f32, .i32].flatMap { type in orders.map { (type, $0) } }
    private static let headers = pairs.map { "\($0.type.rawValue) \($0.order)" }

    private func registers(_ request: ReadRequest, _ data: [UInt8]) -> [String] {
        (0..<Int(request.count)).map { index in
            let register = UInt16(data[2 * index]) << 8 | UInt16(data[2 * index + 1])
            let hex = String(register, radix: 16)
            let cells = [
                "\(Int(request.first) + index)", "0x" + String(repeating: "0", count: 4 - hex.count) + hex,
                "\(register)",
                "\(Int16(bitPattern: register))",
            ]
            guard index + 1 < Int(request.count) else { return Self.row(cells) }
            return Self.row(cells + Self.pairs.map { cell(request, data, index, $0.type, $0.order) })
        }
    }

    private func cell(
        _ request: ReadRequest, _ data: [UInt8], _ index: Int, _ type: RegisterType, _ order: ByteOrder
    ) -> String {
        guard let number = number(data, index, type, order) else { return "-" }
        let text = type == .f32 ? "\(Float(number))" : "\(Int(number))"
        return isPlausible(number, type) ? text + " *" : text
    }

    private func number(_ data: [UInt8], _ index: Int, _ type: RegisterType, _ order: ByteOrder) -> Double? {
        let point = Point(table: table, address: 0, type: type, order: order)
        guard case .number(let number) = data.withUnsafeBytes({ point.read($0, at: index) }).value else { return nil }
        return number
    }

    /// A float that a device would measure: neither tiny nor huge, which is what another order mostly makes of one.
    private func isPlausible(_ number: Double, _ type: RegisterType) -> Bool {
        type == .f32 && (0.001...10_000_000).contains(number.magnitude)
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [7, 6, 5, 6] + [Int](repeating: 15, count: pairs.count)
        return zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined(separator: "  ")
    }

    // MARK: - Advice

    /// A block for the configuration, of the first value that looks like one.
    private var advice: String {
        guard let guess = pick ?? firstGuess else { return "" }
        let title = pick == nil ? "* looks like a measurement. For the first of them:" : "For the configuration:"
        return """

            \(title)

                [[modbus.device.point]]
                series = "value"
                table = "\(table.rawValue)"
                address = \(guess.address)
                type = "\(guess.type.rawValue)"
                order = "\(guess.order)"

            """
    }

    private var firstGuess: Pick? {
        for part in found {
            guard case .data(let data) = part.answer, !table.isBits else { continue }
            for index in 0..<max(0, Int(part.request.count) - 1) {
                for order in Self.orders {
                    guard let number = number(data, index, .f32, order), isPlausible(number, .f32) else { continue }
                    return Pick(address: part.request.first + UInt16(index), type: .f32, order: order)
                }
            }
        }
        return nil
    }
}
