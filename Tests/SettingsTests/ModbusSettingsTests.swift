import Payloads
import Polling
import Readings
import Testing

@testable import Settings

/// A line with one device, whose only point ends the text; its own lines begin at 10.
private let start = """
    [[modbus]]
    name = "line-1"
    address = "tcp://127.0.0.1"
    [[modbus.device]]
    name = "meter"
    [[modbus.device.point]]
    series = "power"
    address = 12
    # the point goes on

    """

/// A line with lines of its own from 4 on, and one device with lines of its own behind them.
private func line(_ own: String = "", address: String = "tcp://127.0.0.1", device: String = "") -> String {
    """
    [[modbus]]
    name = "line-1"
    address = "\(address)"
    \(own)
    [[modbus.device]]
    name = "meter"
    \(device)
    [[modbus.device.point]]
    series = "power"
    address = 12
    """
}

private func point(_ text: String) -> ModbusPointSettings? {
    load(start + text).settings?.modbus[0].devices[0].points[0]
}

@Suite struct ModbusSettingsTests {
    @Test func defaults() throws {
        let settings = try #require(load(start).settings)
        let line = try #require(settings.modbus.first)
        #expect(line.name == "line-1")
        #expect(line.address == .tcp(host: "127.0.0.1", port: 502))
        #expect(line.load == nil)
        let device = try #require(line.devices.first)
        #expect(device.name == "meter")
        #expect(device.unit == 1)
        #expect(device.timeout == .seconds(1))
        #expect(device.retries == 1)
        #expect(device.pauseAfterConnect == .zero)
        #expect(device.pauseBetweenRequests == .zero)
        #expect(device.limits == RequestLimits(mostRegisters: 125, longestHole: 16, isSingle: false))
        let point = try #require(device.points.first)
        #expect(point.series == SeriesName("meter/power"))
        #expect(point.point == Point(table: .holding, address: 12, type: .u16))
        #expect(point.unit == nil)
        #expect(point.tags == [:])
        #expect(point.store == nil)
    }

    @Test func everyKeyIsTaken() throws {
        let text = """
            [[modbus]]
            name = "hall"
            address = "rtu:///dev/serial/by-id/usb-1?baud=38400&parity=N&stop=2"
            [[modbus.device]]
            name = "meter"
            series = "hall-3/main"
            unit = 17
            timeout = "250ms"
            retries = 3
            pause_after_connect = "2s"
            pause_between_requests = "15ms"
            max_registers = 60
            max_hole = 4
            single_registers = true
            every = "5s"
            order = "CDAB"
            [[modbus.device.point]]
            series = "power"
            table = "input"
            address = 0x0C
            type = "f32"
            scale = 0.001
            offset = -1.5
            scale_register = 20
            invalid = [0x80000000, -1]
            valid = [0, inf]
            every = "200ms"
            unit = "kW"
            tags = { phase = "all" }
            deadband = 0.5
            heartbeat = "1m"
            [[modbus.device.point]]
            series = "state"
            ref = 40108
            order = "BA"
            bits = "4-7"
            labels = { 0 = "off", 1 = "on" }
            [[modbus.device.point]]
            series = "serial"
            address = 100
            type = "string"
            length = 8
            [[modbus.device.point]]
            series = "limit"
            address = 200
            type = "i64"
            writable = true
            """
        let loaded = load(text)
        #expect(loaded.problems == [])
        let line = try #require(loaded.settings?.modbus.first)
        let format = SerialFormat(baud: 38_400, parity: .none, stopBits: 2)
        #expect(line.address == .serial(path: "/dev/serial/by-id/usb-1", format))
        let device = line.devices[0]
        #expect(device.unit == 17)
        #expect(device.timeout == .milliseconds(250))
        #expect(device.retries == 3)
        #expect(device.pauseAfterConnect == .seconds(2))
        #expect(device.pauseBetweenRequests == .milliseconds(15))
        #expect(device.limits == RequestLimits(mostRegisters: 60, longestHole: 4, isSingle: true))
        let order = try #require(ByteOrder("CDAB", byteCount: 4))
        #expect(
            device.points.map(\.point) == [
                Point(
                    table: .input, address: 12, type: .f32, order: order, scale: 0.001, offset: -1.5,
                    scaleRegister: 20, invalid: [0x8000_0000, 0xFFFF_FFFF], valid: 0...(.infinity),
                    every: .milliseconds(200)),
                Point(
                    table: .holding, address: 107, type: .u16, order: ByteOrder("BA", byteCount: 2), bits: 4...7,
                    labels: [0: "off", 1: "on"], every: .seconds(5)),
                Point(table: .holding, address: 100, type: .text, textLength: 8, every: .seconds(5)),
                Point(
                    table: .holding, address: 200, type: .i64, order: ByteOrder("CDAB", byteCount: 8),
                    every: .seconds(5), isWritable: true),
            ])
        #expect(
            device.points.map(\.series.description) == [
                "hall-3/main/power", "hall-3/main/state", "hall-3/main/serial", "hall-3/main/limit",
            ])
        #expect(device.points[0].unit == "kW")
        #expect(device.points[0].tags == ["phase": "all"])
        #expect(device.points[0].store == StoreRule(deadband: 0.5, silence: 60_000_000))
    }

    // MARK: - Places

    @Test(arguments: [
        (1, RegisterTable.coil, 0), (9999, .coil, 9998), (10_001, .discrete, 0), (19_999, .discrete, 9998),
        (30_001, .input, 0), (39_999, .input, 9998), (40_001, .holding, 0), (49_999, .holding, 9998),
        (100_001, .discrete, 0), (165_536, .discrete, 65_535), (300_001, .input, 0), (365_536, .input, 65_535),
        (400_001, .holding, 0), (465_536, .holding, 65_535),
    ])
    func documentedNumbers(ref: Int, table: RegisterTable, address: Int) {
        let text = start.replacing("address = 12", with: "ref = \(ref)")
        let point = load(text).settings?.modbus[0].devices[0].points[0].point
        #expect(point?.table == table)
        #expect(point?.address == UInt16(address))
    }

    private static let refRule =
        "ref: 1 and up is a coil, 10001 a discrete input, 30001 an input register, 40001 a holding register"

    @Test(arguments: [10_000, 20_001, 30_000, 40_000, 50_001, 65_536, 99_999, 100_000, 165_537, 200_001, 365_537])
    func whatIsNoDocumentedNumber(ref: Int) {
        #expect(
            problems(in: start.replacing("address = 12", with: "ref = \(ref)"))
                == ["8:7: \(Self.refRule)"])
    }

    @Test(arguments: [
        Case("ref = 0", "8:7: ref = 0 is out of range: 1 to 465536", "8:7: \(refRule)"),
        Case("ref = 465537", "8:7: ref = 465537 is out of range: 1 to 465536", "8:7: \(refRule)"),
        Case("ref = 40001\naddress = 0", "9:1: address and ref exclude each other: ref = 40001 is holding register 0"),
        Case(
            "ref = 40001\ntable = \"input\"",
            "9:1: table and ref exclude each other: ref = 40001 is holding register 0"),
        Case("address = 65536", "8:11: address = 65536 is out of range: 0 to 65535"),
        Case("address = -1", "8:11: address = -1 is out of range: 0 to 65535"),
        Case(
            "",
            "6:1: [[modbus.device.point]] needs address = 0, as it goes over the wire, or ref = 40001, as documents count"
        ),
        Case(
            "address = 65535\ntype = \"u32\"", "8:11: the value ends behind the last register, 65535"),
        Case("address = 1\ntable = \"coils\"", "9:9: table: \"coils\" is not known, did you mean \"coil\"?"),
    ])
    func places(place: Case) {
        #expect(problems(in: start.replacing("address = 12", with: place.text)) == place.problems)
    }

    // MARK: - Points

    @Test(arguments: [
        ("bits = 3", 3...3), ("bits = 0", 0...0), ("bits = \"4-7\"", 4...7), ("bits = \"15-15\"", 15...15),
    ])
    func bits(text: String, bits: ClosedRange<Int>) {
        #expect(point(text)?.point.bits == bits)
    }

    @Test func invalidPatternsHaveTheWidthOfTheType() {
        #expect(point("type = \"i16\"\ninvalid = [-32768, 0x7FFF]")?.point.invalid == [0x8000, 0x7FFF])
        #expect(point("type = \"i32\"\ninvalid = [-1]")?.point.invalid == [0xFFFF_FFFF])
        #expect(point("type = \"i64\"\ninvalid = [-1]")?.point.invalid == [.max])
        #expect(point("type = \"u64\"\ninvalid = [0x7FFFFFFFFFFFFFFF]")?.point.invalid == [0x7FFF_FFFF_FFFF_FFFF])
    }

    private static let bitsRule = "bits: a bit such as 3 or a range such as \"4-7\" is expected"

    @Test(arguments: [
        Case("typ = \"u16\"", "10:1: unknown key \"typ\" in [[modbus.device.point]], did you mean \"type\"?"),
        Case("type = \"u17\"", "10:8: type: \"u17\" is not known, did you mean \"u16\"?"),
        Case("order = \"CDAB\""),
        Case("order = \"CD\"", "10:9: order: \"CD\" is none of AB, BA"),
        Case(
            "type = \"f32\"\norder = \"ABDC\"", "11:9: order: \"ABDC\" is none of ABCD, CDAB, BADC, DCBA"),
        Case(
            "type = \"f64\"\norder = \"BA\"",
            "11:9: order: \"BA\" is none of ABCDEFGH, GHEFCDAB, BADCFEHG, HGFEDCBA, CDABGHEF, EFGHABCD"),
        Case("bits = 16", "10:8: bits: the type has no bit 16"),
        Case("bits = \"8-16\"", "10:8: bits: the type has no bit 16"),
        Case("bits = 64", "10:8: \(bitsRule)"), Case("bits = -1", "10:8: \(bitsRule)"),
        Case("bits = \"7-4\"", "10:8: \(bitsRule)"), Case("bits = \"a-b\"", "10:8: \(bitsRule)"),
        Case("bits = true", "10:8: \(bitsRule)"), Case("bits = \"3\"", "10:8: \(bitsRule)"),
        Case("type = \"f32\"\nbits = 1", "11:1: bits has no meaning for type = \"f32\""),
        Case("bits = 1\nscale_register = 13", "11:1: scale_register has no meaning beside bits"),
        Case("length = 2", "10:1: length needs type = \"string\""),
        Case(
            "type = \"string\"\nlength = 126",
            "10:8: one request has to read 126 registers for this, and max_registers is 125",
            "11:10: length = 126 is out of range: 1 to 125"),
        Case(
            "type = \"string\"\nscale = 2\ninvalid = [0]", "11:1: scale has no meaning for a text",
            "12:1: invalid has no meaning for a text"),
        Case("scale = 0", "10:9: scale = 0 leaves nothing of a number"),
        Case("labels = { a = \"x\" }", "10:12: labels: \"a\" is no whole number"),
        Case("labels = {}", "10:10: labels: the table is empty"),
        Case(
            "labels = { 0 = \"x\" }\nscale = 2", "11:1: scale has no meaning beside labels, which are texts"),
        Case("invalid = [0.5]", "10:12: invalid: whole numbers such as 0x8000 are expected"),
        Case("invalid = [0x10000]", "10:12: invalid: u16 has only 16 bits"),
        Case("invalid = [-32769]", "10:12: invalid: u16 has only 16 bits"),
        Case("invalid = 5", "10:11: invalid: an array such as [0x8000] is expected, not an integer"),
        Case("valid = [5, 1]", "10:9: valid: two numbers are expected, the smaller first, such as [0, 120]"),
        Case(
            "scale_register = 137",
            "10:18: one request has to read 126 registers for this, and max_registers is 125"),
        Case("scale_register = 136"),
        Case(
            "scale_register = 65536",
            "10:18: one request has to read 65524 registers for this, and max_registers is 125",
            "10:18: scale_register = 65536 is out of range: 0 to 65535"),
        Case("every = \"5ms\"", "10:9: every: \"5ms\" is out of range: \"10ms\" to \"1w\""),
        Case("every = 5", "10:9: every: a duration needs a unit: write \"5s\""),
        Case("table = \"input\"\nwritable = true", "11:12: writable: the table input can only be read"),
        Case("type = \"string\"\nwritable = true", "11:12: writable: a text cannot be written"),
        Case(
            "bits = 1\nwritable = true", "11:12: writable: some bits of a register cannot be written by themselves"),
        Case(
            "scale_register = 13\nwritable = true",
            "11:12: writable: a value whose power of ten is the device's own cannot be written"),
        Case("writable = 1", "10:12: writable: a boolean such as false is expected, not an integer"),
        Case("table = \"coil\"\nwritable = true"),
        Case("table = \"coil\"\norder = \"BA\"", "11:1: order has no meaning for a single bit"),
        Case("table = \"discrete\"\ntype = \"u16\"", "11:8: type: the table discrete holds single bits"),
        Case("table = \"discrete\"\nbits = 1", "11:1: bits has no meaning for a single bit"),
        Case("heartbeat = \"1m\"", "10:1: heartbeat needs deadband beside it"),
    ])
    func points(text: Case) {
        #expect(problems(in: start + text.text) == text.problems)
    }

    @Test func whatAPointNeeds() {
        #expect(
            problems(in: start.replacing("series = \"power\"", with: ""))
                == ["6:1: [[modbus.device.point]] needs series = \"power\""])
    }

    // MARK: - Devices

    @Test(arguments: [
        Case("untit = 1", "7:1: unknown key \"untit\" in [[modbus.device]], did you mean \"unit\"?"),
        Case("unit = 256", "7:8: unit = 256 is out of range: 0 to 255"),
        Case("unit = 0"),
        Case("timeout = \"5ms\"", "7:11: timeout: \"5ms\" is out of range: \"10ms\" to \"1m\""),
        Case("retries = 11", "7:11: retries = 11 is out of range: 0 to 10"),
        Case(
            "max_registers = 0", "7:17: max_registers = 0 is out of range: 1 to 125",
            "8:1: one request has to read 1 registers for this, and max_registers is 0"),
        Case("max_registers = 126", "7:17: max_registers = 126 is out of range: 1 to 125"),
        Case("max_hole = 125", "7:12: max_hole = 125 is out of range: 0 to 124"),
        Case(
            "pause_between_requests = \"11s\"",
            "7:26: pause_between_requests: \"11s\" is out of range: \"0s\" to \"10s\""),
        Case("order = \"BA\"", "7:9: order: \"BA\" is none of ABCD, CDAB, BADC, DCBA"),
        Case("series = \"a/\"", "7:12: series: a \"/\" follows by itself"),
    ])
    func devices(text: Case) {
        #expect(problems(in: line(device: text.text)) == text.problems)
    }

    @Test func whatADeviceNeeds() {
        let text = """
            [[modbus]]
            name = "a"
            address = "tcp://a"
            [[modbus.device]]
            """
        #expect(
            problems(in: text) == [
                "4:1: [[modbus.device]] needs at least one [[modbus.device.point]]",
                "4:1: [[modbus.device]] needs name = \"main-meter\"",
            ])
        #expect(
            problems(in: "[[modbus]]\nname = \"a\"\naddress = \"tcp://a\"")
                == ["1:1: [[modbus]] needs at least one [[modbus.device]]"])
        #expect(
            problems(in: "[[modbus]]") == [
                "1:1: [[modbus]] needs address = \"tcp://192.168.1.20:502\"",
                "1:1: [[modbus]] needs at least one [[modbus.device]]", "1:1: [[modbus]] needs name = \"line-1\"",
            ])
    }

    @Test func valuesThatOneRequestCannotHold() {
        let text = line(device: "max_registers = 3") + "\ntype = \"f64\""
        #expect(
            problems(in: text) == ["11:8: one request has to read 4 registers for this, and max_registers is 3"])
    }

    // MARK: - Lines

    @Test(arguments: [
        ("tcp://10.0.0.5", LineAddress.tcp(host: "10.0.0.5", port: 502)),
        ("tcp://plc:1502", .tcp(host: "plc", port: 1502)),
        ("tcp://plc:0503", .tcp(host: "plc", port: 503)), ("tcp://plc:1883", .tcp(host: "plc", port: 1883)),
        ("tcp://[fe80::1%eth0]:503", .tcp(host: "fe80::1%eth0", port: 503)),
        ("tcp://[::1883]", .tcp(host: "::1883", port: 502)),
        ("rtu+tcp://10.0.0.5:4001", .rtuOverTCP(host: "10.0.0.5", port: 4001)),
        ("rtu:///dev/ttyUSB0", .serial(path: "/dev/ttyUSB0", SerialFormat(baud: 9600, parity: .even, stopBits: 1))),
        (
            "rtu:///dev/ttyS1?parity=O&baud=115200",
            .serial(path: "/dev/ttyS1", SerialFormat(baud: 115_200, parity: .odd, stopBits: 1))
        ),
        (
            "rtu:///dev/ttyS1?stop=2&parity=N",
            .serial(path: "/dev/ttyS1", SerialFormat(baud: 9600, parity: .none, stopBits: 2))
        ),
    ])
    func addresses(text: String, address: LineAddress) throws {
        let parsed = load(line(address: text)).settings?.modbus[0].address
        #expect(parsed == address)
        #expect(try LineAddressText.parse(address.description) == address)
    }

    private static let addressRule =
        "address: an address has the form \"tcp://host:502\", \"rtu:///dev/ttyUSB0?baud=9600&parity=E\" or \"rtu+tcp://host:4001\""
    private static let optionRule = "is none of baud=1200 to 115200, parity=N, E or O, and stop=1 or 2"

    @Test(arguments: [
        Case("10.0.0.5", "3:11: \(addressRule)"), Case("mqtt://a", "3:11: \(addressRule)"),
        Case("tcp://", "3:18: address: an address has the form \"tcp://host:502\""),
        Case("tcp://a:0", "3:18: address: an address has the form \"tcp://host:502\""),
        Case("tcp://a:b", "3:18: address: an address has the form \"tcp://host:502\""),
        Case("tcp://a/b", "3:18: address: an address has the form \"tcp://host:502\""),
        Case("rtu+tcp://fe80::1", "3:22: address: an address has the form \"rtu+tcp://host:502\""),
        Case("rtu://dev/tty", "3:18: address: behind rtu:// stands the path of a serial device, such as /dev/ttyUSB0"),
        Case("rtu:///", "3:18: address: behind rtu:// stands the path of a serial device, such as /dev/ttyUSB0"),
        Case("rtu:///dev/tty?baud=9601", "3:27: address: \"baud=9601\" \(optionRule)"),
        Case("rtu:///dev/tty?baud=9600&parity=X", "3:37: address: \"parity=X\" \(optionRule)"),
        Case("rtu:///dev/tty?stop=3", "3:27: address: \"stop=3\" \(optionRule)"),
        Case("rtu:///dev/tty?bits=8", "3:27: address: \"bits=8\" \(optionRule)"),
        Case("rtu:///dev/tty?", "3:27: address: \"\" \(optionRule)"),
        Case("rtu:///dev/tty?baud=9600&", "3:37: address: \"\" \(optionRule)"),
        Case("rtu:///dev/tty?baud", "3:27: address: \"baud\" \(optionRule)"),
    ])
    func wrongAddresses(address: Case) {
        #expect(problems(in: line(address: address.text)) == address.problems)
    }

    @Test(arguments: ["rtu:///dev/ttyUSB0", "rtu+tcp://a"])
    func unitZeroSpeaksToAll(address: String) {
        #expect(
            problems(in: line(address: address, device: "unit = 0"))
                == ["7:8: unit = 0 speaks to all devices of a serial line, and none of them answers"])
    }

    @Test func whatLinesShare() {
        let one = line(address: "rtu:///dev/ttyUSB0")
        let other = one.replacing("?", with: "").replacing("\"power\"", with: "\"energy\"")
        #expect(
            problems(in: one + "\n" + other) == [
                "12:8: name: \"line-1\" is the name of the line at etc/outpost.toml:2:8 too",
                "13:11: address: the line at etc/outpost.toml:3:11 is /dev/ttyUSB0 too: two cannot speak on it",
            ])
        // Two units behind one address are two connections: many servers take several.
        let tcp = line() + "\n" + line().replacing("line-1", with: "line-2").replacing("\"power\"", with: "\"energy\"")
        #expect(problems(in: tcp) == [])
    }

    @Test func whatDevicesShare() {
        let device = "\n[[modbus.device]]\nname = \"meter\"\n[[modbus.device.point]]\nseries = \"energy\"\naddress = 0"
        #expect(problems(in: line() + device) == ["1:1: two devices of this line have the name \"meter\""])
        // The same unit twice is someone's order.
        #expect(problems(in: line() + device.replacing("meter", with: "other")) == [])
    }

    @Test func noTwoPointsAreOneSeries() {
        let point = "\n[[modbus.device.point]]\nseries = \"power\"\naddress = 0"
        #expect(
            problems(in: line() + point)
                == ["12:10: series: the point at etc/outpost.toml:9:10 has the series meter/power too"])
    }

    // MARK: - What a line has time for

    private func serial(points: Int, every: String, baud: Int = 9600) -> String {
        let points = (0..<points).map {
            "\n[[modbus.device.point]]\nseries = \"p\($0)\"\naddress = \($0 * 100)\ntype = \"f32\"\nevery = \"\(every)\""
        }
        return """
            [[modbus]]
            name = "line-1"
            address = "rtu:///dev/ttyUSB0?baud=\(baud)"
            [[modbus.device]]
            name = "meter"
            """ + points.joined()
    }

    /// A value of two registers takes 17 characters and 7 of silence, 27.5 ms at 9600 baud, and 5 ms of the device.
    @Test func aLineHasAnEnd() throws {
        #expect(problems(in: serial(points: 24, every: "1s")) == [])
        #expect(
            problems(in: serial(points: 26, every: "1s")) == [
                "1:1: warning: line-1 needs 85 % of its time at 9600 baud: poll less often (every), or faster (baud)"
            ])
        #expect(
            problems(in: serial(points: 31, every: "1s")) == [
                "1:1: line-1 would need 101 % of its time at 9600 baud: poll less often (every), or faster (baud)"
            ])
        #expect(
            problems(in: serial(points: 31, every: "10ms", baud: 1200)) == [
                "1:1: line-1 would need 69750 % of its time at 1200 baud: poll less often (every), or faster (baud)"
            ])
        #expect(problems(in: serial(points: 31, every: "1s", baud: 38_400)) == [])
        #expect(problems(in: serial(points: 31, every: "2s")) == [])
        let tcp = serial(points: 200, every: "10ms").replacing("rtu:///dev/ttyUSB0?baud=9600", with: "tcp://a")
        #expect(problems(in: tcp) == [])
    }

    @Test func summary() throws {
        let text =
            serial(points: 3, every: "1s") + """

                [[modbus.device.point]]
                series = "near"
                address = 2
                [[modbus.device]]
                name = "relay"
                unit = 9
                [[modbus.device.point]]
                series = "1"
                table = "coil"
                address = 0
                """
            + line().replacing("[[modbus]]", with: "\n[[modbus]]").replacing("line-1", with: "plc").replacing(
                "meter", with: "press")
        let loaded = load(text)
        #expect(loaded.problems == [])
        let lines = try #require(loaded.settings).summary().split(separator: "\n").suffix(5)
        #expect(
            Array(lines) == [
                "modbus      line-1: rtu:///dev/ttyUSB0?baud=9600&parity=E&stop=1, 13 % of its time",
                "            meter  unit 1, 4 points in 3 requests", "            relay  unit 9, 1 point in 1 request",
                "modbus      plc: tcp://127.0.0.1:502", "            press  unit 1, 1 point in 1 request",
            ])
    }
}
