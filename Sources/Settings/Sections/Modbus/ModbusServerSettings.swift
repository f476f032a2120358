import Polling
import Readings

/// `[modbus_server]`: the latest values as registers, for controllers and panels.
public struct ModbusServerSettings: Sendable, Hashable {
    /// `[[modbus_server.register]]`: where a series is found, or what an alarm is at.
    public struct Register: Sendable, Hashable {
        public enum Source: Sendable, Hashable {
            case series(SeriesName)
            /// The name of a rule.
            case alarm(String)
        }

        public var source: Source
        public var point: Point
    }

    public var host: String
    public var port: UInt16
    public var unit: UInt8
    /// What is older is not there.
    public var maxAge: Duration
    public var registers: [Register]
}

extension ModbusServerSettings {
    /// Nil where nothing is said of it, or what is said is not complete.
    init?(_ table: TableReader) {
        let listen = table.parsed("listen", example: "127.0.0.1:1502", Self.hostAndPort)
        unit = UInt8(clamping: table.integer("unit", default: 1, in: 0...255))
        maxAge = table.duration("max_age", default: .seconds(60), in: .seconds(1) ... .seconds(86_400))
        registers = table.tables("register", Register.init(_:)).compactMap(\.self)
        guard let listen else {
            if !table.members.isEmpty, !table.has("listen") { table.reportMissing("listen = \"127.0.0.1:1502\"") }
            return nil
        }
        (host, port) = listen
        checkPlaces(table)
    }

    public var series: [SeriesName] {
        registers.compactMap { if case .series(let series) = $0.source { series } else { nil } }
    }

    /// That the alarms are there.
    func check(_ rules: [String], _ log: ProblemLog, _ place: Place) {
        for register in registers {
            guard case .alarm(let name) = register.source, !rules.contains(name) else { continue }
            log.error(
                "[[modbus_server.register]]: there is no [[alarm]] \(quoted(name))\(Suggestions.hint(for: name, among: rules))",
                at: place)
        }
    }

    private static func hostAndPort(_ text: String) throws(ValueError) -> (host: String, port: UInt16) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            throw ValueError("an address and a port are expected, such as \"0.0.0.0:502\"")
        }
        let host = text[..<colon]
        return (String(host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host), port)
    }

    private func checkPlaces(_ table: TableReader) {
        var taken: Set<Int> = []
        for register in registers {
            let places = Int(register.point.address)..<(Int(register.point.address) + register.point.registerCount)
            if !taken.isDisjoint(with: places) {
                table.log.error("two values lie at register \(register.point.address)", at: table.place)
            }
            taken.formUnion(places)
        }
    }
}

extension ModbusServerSettings.Register {
    /// Nil when something required is missing or wrong.
    fileprivate init?(_ table: TableReader) {
        let source = Self.source(table)
        if !table.has("address") { table.reportMissing("address = 0") }
        let isAlarm = if case .alarm? = source { true } else { false }
        if isAlarm {
            table.refuse(
                ["type", "order", "scale", "offset"], because: "means nothing of an alarm: it is one register")
        }
        let type = isAlarm ? .u16 : table.word("type", default: RegisterType.f32)
        let order = table.parsed("order", example: "ABCD") { (text) throws(ValueError) in
            guard let order = ByteOrder(text, byteCount: type.byteCount ?? 2) else {
                throw ValueError("\(quoted(text)) is no order for \(type.rawValue)")
            }
            return order
        }
        let address = table.integer("address", default: 0, in: 0...65_535)
        let scale = table.number("scale", example: "0.1") ?? 1
        if scale == 0 { table.log.error("scale = 0 leaves nothing of a number", at: table.place(of: "scale")) }
        if type == .text { table.log.error("type: a text has no place here", at: table.place(of: "type")) }
        point = Point(
            table: .input, address: UInt16(clamping: address), type: type, order: order, scale: scale,
            offset: table.number("offset", example: "-40") ?? 0)
        guard let source else { return nil }
        self.source = source
    }

    private static func source(_ table: TableReader) -> Source? {
        guard table.has("alarm") else {
            return table.text("series", example: "meter/power", isRequired: true).flatMap { SeriesName($0) }
                .map { .series($0) }
        }
        table.refuse(["series"], because: "and alarm exclude each other")
        return table.parsed("alarm", example: "pressure", Identifier.check).map { .alarm($0) }
    }
}
