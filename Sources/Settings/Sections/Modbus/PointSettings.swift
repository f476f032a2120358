import Payloads
import Polling
import Readings

extension ModbusPointSettings {
    static let periods = Duration.milliseconds(10) ... .seconds(7 * 86_400)

    /// Nil when something required is missing or wrong. The name of the series begins with that of the device.
    init?(_ table: TableReader, _ context: PointContext) {
        let series = table.text("series", example: "power", isRequired: true)
        let place = RegisterPlace(table, default: context.table)
        let type = table.word("type", example: RegisterType.u16) ?? (place?.table.isBits == true ? nil : context.type)
        let order = Self.order(table, type) ?? context.order.flatMap { ByteOrder($0, byteCount: type?.byteCount ?? 2) }
        let length = table.integer("length", default: 1, in: 1...125)
        let bits = Self.bits(table)
        let scaleRegister =
            table.has("scale_register")
            ? UInt16(clamping: table.integer("scale_register", default: 0, in: 0...65_535)) : nil
        unit = table.text("unit", example: "kW")
        tags = [:]
        for entry in table.texts("tags", example: "line = \"A\"") ?? [] { tags[entry.key] = entry.text }
        store = StoreRule(table)
        let scale = table.number("scale", example: "0.1") ?? 1
        let offset = table.number("offset", example: "-40") ?? 0
        let labels = Self.labels(table)
        let invalid = Self.invalid(table, type ?? .u16)
        let valid = table.numberRange("valid", example: "[0, 120]")
        let period = table.duration("every", default: context.every, in: Self.periods)
        let isWritable = table.flag("writable", default: false)
        guard let series, let place else { return nil }
        self.series = SeriesName(path: context.prefix + "/" + series)
        let kind = type ?? (place.table.isBits ? .bool : .u16)
        point = Point(
            table: place.table, address: place.address, type: kind, order: order, textLength: length, bits: bits,
            scale: scale, offset: offset, scaleRegister: scaleRegister, labels: labels, invalid: invalid, valid: valid,
            every: period, isWritable: isWritable)
        check(table, context.limits)
    }

    private func check(_ table: TableReader, _ limits: RequestLimits) {
        checkType(table)
        if point.scale == 0 { table.log.error("scale = 0 leaves nothing of a number", at: table.place(of: "scale")) }
        if let bits = point.bits, let byteCount = point.type.byteCount, bits.upperBound >= 8 * byteCount {
            table.log.error("bits: the type has no bit \(bits.upperBound)", at: table.place(of: "bits"))
        }
        if Int(point.address) + point.registerCount > 65_536 {
            table.log.error("the value ends behind the last register, 65535", at: table.place(of: "address"))
        }
        checkReach(table, limits)
        checkWritable(table)
    }

    /// Keys that would change nothing are mistakes.
    private func checkType(_ table: TableReader) {
        if point.table.isBits {
            table.refuse(
                ["order", "length", "bits", "scale_register", "invalid"], because: "has no meaning for a single bit")
            if point.type != .bool {
                table.log.error(
                    "type: the table \(point.table.rawValue) holds single bits", at: table.place(of: "type"))
            }
            return
        }
        if point.type == .text {
            table.refuse(
                ["bits", "scale", "offset", "scale_register", "labels", "invalid", "valid"],
                because: "has no meaning for a text")
            return
        }
        table.refuse(["length"], because: "needs type = \"string\"")
        if !point.type.isWhole {
            table.refuse(["bits"], because: "has no meaning for type = \"\(point.type.rawValue)\"")
        }
        if point.bits != nil { table.refuse(["scale_register"], because: "has no meaning beside bits") }
        if !point.labels.isEmpty {
            table.refuse(
                ["scale", "offset", "scale_register", "valid"], because: "has no meaning beside labels, which are texts"
            )
        }
    }

    private func checkWritable(_ table: TableReader) {
        guard point.isWritable else { return }
        let reason: String? =
            if !point.table.isWritable {
                "the table \(point.table.rawValue) can only be read"
            } else if point.type == .text {
                "a text cannot be written"
            } else if point.bits != nil {
                "some bits of a register cannot be written by themselves"
            } else if point.scaleRegister != nil {
                "a value whose power of ten is the device's own cannot be written"
            } else { nil }
        if let reason { table.log.error("writable: \(reason)", at: table.place(of: "writable")) }
    }

    private func checkReach(_ table: TableReader, _ limits: RequestLimits) {
        let ends = [
            Int(point.address), Int(point.address) + point.registerCount - 1, Int(point.scaleRegister ?? point.address),
        ]
        let reach = (ends.max() ?? 0) - (ends.min() ?? 0) + 1
        if reach > limits.mostRegisters {
            table.log.error(
                "one request has to read \(reach) registers for this, and max_registers is \(limits.mostRegisters)",
                at: table.place(of: table.has("scale_register") ? "scale_register" : "type"))
        }
    }

    private static func order(_ table: TableReader, _ type: RegisterType?) -> ByteOrder? {
        table.parsed("order", example: "CDAB") { (text) throws(ValueError) in
            let count = type?.byteCount ?? 2
            if let order = ByteOrder(text, byteCount: count) { return order }
            let known = ByteOrder.all(byteCount: count).map(\.description).joined(separator: ", ")
            throw ValueError("\(quoted(text)) is none of \(known)")
        }
    }

    /// `bits = 3` or `bits = "4-7"`.
    private static func bits(_ table: TableReader) -> ClosedRange<Int>? {
        guard let member = table.member("bits") else { return nil }
        if case .integer(let bit) = member.value.content {
            if (0...63).contains(bit) { return bit...bit }
        } else if case .text(let text) = member.value.content {
            let ends = text.string.split(separator: "-").compactMap { Int($0) }
            if ends.count == 2, ends[0] <= ends[1], (0...63).contains(ends[0]), (0...63).contains(ends[1]) {
                return ends[0]...ends[1]
            }
        }
        table.log.error("bits: a bit such as 3 or a range such as \"4-7\" is expected", at: member.value.place)
        return nil
    }

    /// `labels = { 0 = "off", 1 = "on" }`.
    private static func labels(_ table: TableReader) -> [Int64: String] {
        var labels: [Int64: String] = [:]
        for entry in table.texts("labels", example: "0 = \"off\"") ?? [] {
            if let number = Int64(entry.key) {
                labels[number] = entry.text
            } else {
                table.log.error("labels: \(quoted(entry.key)) is no whole number", at: entry.keyPlace)
            }
        }
        return labels
    }

    /// Bit patterns, as numbers; a negative one is that of a type with a sign.
    private static func invalid(_ table: TableReader, _ type: RegisterType) -> Set<UInt64> {
        let width = 8 * (type.byteCount ?? 8)
        let mask = width == 64 ? UInt64.max : 1 << UInt64(width) - 1
        var patterns: Set<UInt64> = []
        for element in table.elements("invalid", example: "[0x8000]") ?? [] {
            guard case .integer(let number) = element.value.content else {
                table.log.error("invalid: whole numbers such as 0x8000 are expected", at: element.value.place)
                continue
            }
            let pattern = UInt64(bitPattern: Int64(number))
            if pattern > mask, number > 0 || pattern | mask >> 1 != .max {
                table.log.error("invalid: \(type.rawValue) has only \(width) bits", at: element.value.place)
            }
            patterns.insert(pattern & mask)
        }
        return patterns
    }
}

extension RegisterType {
    fileprivate var isWhole: Bool {
        switch self {
        case .u16, .i16, .u32, .i32, .u64, .i64: true
        case .bool, .f32, .f64, .bcd16, .bcd32, .text: false
        }
    }
}

/// Where a value begins: `table` and `address`, or `ref` as documents count.
private struct RegisterPlace {
    var table: RegisterTable
    var address: UInt16

    init?(_ reader: TableReader, default fallback: RegisterTable) {
        if reader.has("ref") {
            reader.refuse(
                ["address", "table"], because: "and ref exclude each other: ref = 40001 is holding register 0")
            guard let place = Self.documented(reader) else { return nil }
            self = place
            return
        }
        let table = reader.word("table", default: fallback)
        guard reader.has("address") else {
            reader.reportMissing("address = 0, as it goes over the wire, or ref = 40001, as documents count")
            return nil
        }
        let address = reader.integer("address", default: 0, in: 0...65_535)
        guard let address = UInt16(exactly: address) else { return nil }
        self.table = table
        self.address = address
    }

    private init(table: RegisterTable, address: UInt16) {
        self.table = table
        self.address = address
    }

    /// The first digit names the table, and the rest counts from 1: 40001, or 400001 where there are more than 9,999.
    /// Coils beyond have no number of their own: 40000 would be one of them, and somebody's mistake.
    private static func documented(_ reader: TableReader) -> RegisterPlace? {
        let ref = reader.integer("ref", default: 40_001, in: 1...465_536)
        let tables: [Int: RegisterTable] = [0: .coil, 1: .discrete, 3: .input, 4: .holding]
        let isLong = ref >= 100_000
        let (digit, rest) = ref.quotientAndRemainder(dividingBy: isLong ? 100_000 : 10_000)
        if let table = tables[digit], (1...(isLong ? 65_536 : 9_999)).contains(rest),
            let address = UInt16(exactly: rest - 1)
        {
            return RegisterPlace(table: table, address: address)
        }
        reader.log.error(
            "ref: 1 and up is a coil, 10001 a discrete input, 30001 an input register, 40001 a holding register",
            at: reader.place(of: "ref"))
        return nil
    }
}
