import Payloads
import Polling
import Readings

/// `[[modbus]]`: a line with devices on it.
public struct ModbusSettings: Sendable, Hashable {
    public var name: String
    public var address: LineAddress
    public var devices: [ModbusDeviceSettings]
}

/// `[[modbus.device]]`: one unit of a line.
public struct ModbusDeviceSettings: Sendable, Hashable {
    public var name: String
    public var unit: UInt8
    public var timeout: Duration
    public var retries: Int
    public var pauseAfterConnect: Duration
    public var pauseBetweenRequests: Duration
    public var limits: RequestLimits
    /// The SunSpec block at which the addresses of its points count from 0: the device is asked where that is.
    public var sunSpecModel: Int?
    public var points: [ModbusPointSettings]
}

extension ModbusDeviceSettings {
    /// One that nothing is known of.
    public init(unit: UInt8) {
        name = "unit-\(unit)"
        self.unit = unit
        timeout = .seconds(1)
        retries = 1
        pauseAfterConnect = .zero
        pauseBetweenRequests = .zero
        limits = RequestLimits()
        points = []
    }
}

/// `[[modbus.device.point]]`: one value of a device, and the series that it becomes.
public struct ModbusPointSettings: Sendable, Hashable {
    public var series: SeriesName
    public var point: Point
    public var unit: String?
    public var tags: [String: String]
    /// Nil: every reading is stored.
    public var store: StoreRule?
}

extension ModbusSettings {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, _ rules: inout ModbusRules) {
        let name = table.parsed("name", example: "line-1", isRequired: true, Identifier.check)
        let address = table.parsed(
            "address", example: "tcp://192.168.1.20:502", isRequired: true, LineAddressText.parse)
        let devices = table.tables("device", isRequired: true) { device in
            ModbusDeviceSettings.read(device, framing: address?.framing, &rules)
        }
        guard let name, let address else { return nil }
        self.name = name
        self.address = address
        self.devices = devices.compactMap(\.self)
        rules.check(self, table)
    }
}

extension ModbusDeviceSettings {
    /// Nil when something required is missing or wrong.
    static func read(_ table: TableReader, framing: Framing?, _ rules: inout ModbusRules) -> ModbusDeviceSettings? {
        guard let preset = DevicePreset(table) else {
            // One that cannot be read leaves a device without points, which is not another mistake.
            if table.has("preset") { table.ignoreUnknownKeys() }
            return table.has("preset") ? nil : ModbusDeviceSettings(table, framing: framing, &rules)
        }
        let filled = preset.filled(into: table)
        table.ignoreUnknownKeys()
        return table.inPlace(of: filled) { ModbusDeviceSettings($0, framing: framing, &rules) }
    }

    private init?(_ table: TableReader, framing: Framing?, _ rules: inout ModbusRules) {
        let name = table.parsed("name", example: "main-meter", isRequired: true, Identifier.check)
        unit = Self.unit(table, framing)
        timeout = table.duration("timeout", default: .seconds(1), in: .milliseconds(10) ... .seconds(60))
        retries = table.integer("retries", default: 1, in: 0...10)
        pauseAfterConnect = table.duration("pause_after_connect", default: .zero, in: .zero ... .seconds(60))
        pauseBetweenRequests = table.duration("pause_between_requests", default: .zero, in: .zero ... .seconds(10))
        limits = RequestLimits(
            mostRegisters: table.integer("max_registers", default: 125, in: 1...125),
            longestHole: table.integer("max_hole", default: 16, in: 0...124),
            isSingle: table.flag("single_registers", default: false))
        sunSpecModel = table.has("sunspec") ? table.integer("sunspec", default: 103, in: 1...65_534) : nil
        let context = PointContext(
            prefix: table.parsed("series", example: "main-meter", SeriesPrefix.check) ?? name ?? "",
            every: table.duration("every", default: .seconds(1), in: ModbusPointSettings.periods),
            table: table.word("table", default: RegisterTable.holding),
            type: table.word("type", example: RegisterType.f32),
            order: table.parsed("order", example: "CDAB", DefaultOrder.check), limits: limits)
        let points = table.tables("point", isRequired: true) { point in
            let settings = ModbusPointSettings(point, context)
            if let settings { rules.check(settings, point) }
            return settings
        }
        guard let name else { return nil }
        self.name = name
        self.points = points.compactMap(\.self)
        if sunSpecModel != nil, self.points.contains(where: \.point.isWritable) {
            table.log.error(
                "sunspec: a point that is written needs its place: say base in place of sunspec",
                at: table.place(of: "sunspec"))
        }
    }

    private static func unit(_ table: TableReader, _ framing: Framing?) -> UInt8 {
        let isSerial = framing == .rtu
        return UInt8(
            clamping: table.integer(
                "unit", default: 1, in: 0...255,
                remarks: isSerial ? [0: "speaks to all devices of a serial line, and none of them answers"] : [:]))
    }
}

/// What a device says for all of its points.
struct PointContext {
    /// What the names of their series begin with.
    var prefix: String
    var every: Duration
    var table: RegisterTable
    /// Nil: that of the table.
    var type: RegisterType?
    var order: String?
    var limits: RequestLimits
}

/// The order of all values of a device, whatever their length.
private enum DefaultOrder {
    static func check(_ text: String) throws(ValueError) -> String {
        if ByteOrder(text, byteCount: 4) != nil { return text }
        let known = ByteOrder.all(byteCount: 4).map(\.description).joined(separator: ", ")
        throw ValueError("\(quoted(text)) is none of \(known)")
    }
}

/// What stands before the names of series.
enum SeriesPrefix {
    static func check(_ text: String) throws(ValueError) -> String {
        guard !text.hasSuffix("/") else { throw ValueError("a \"/\" follows by itself", offset: text.utf8.count - 1) }
        return text
    }
}
