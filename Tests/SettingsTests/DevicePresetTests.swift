import Foundation
import Polling
import Readings
import Testing

@testable import Settings

@Suite struct DevicePresetTests {
    private static let folder = URL(filePath: #filePath).appending(path: "../../../etc/devices").standardizedFileURL

    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    static func source(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name + ".toml")))
    }

    /// A device with a preset; its own lines begin at 7.
    private static func line(_ preset: String, _ own: String = "", address: String = "tcp://a") -> String {
        """
        [[modbus]]
        name = "line-1"
        address = "\(address)"
        [[modbus.device]]
        name = "meter"
        preset = "\(preset)"
        \(own)
        """
    }

    private func load(_ text: String, _ files: [String: String] = [:]) -> LoadedSettings {
        SettingsTests.load(FakeFiles(files.merging(["etc/outpost.toml": text]) { _, new in new }))
    }

    private func problems(_ text: String, _ files: [String: String] = [:]) -> [String] {
        load(text, files).problems.map(\.description)
    }

    // MARK: - Those of the package

    @Test func thereAreSome() {
        #expect(
            Self.names == [
                "digital-inputs-8", "em340", "sdm120", "sdm630", "shelly-pro-3em", "sma", "sunspec-103", "victron-gx",
                "waveshare-relay-8",
            ])
    }

    /// How many requests a device of a preset costs: whoever adds a point sees what it does.
    private static let requests = [
        "digital-inputs-8": 1, "em340": 4, "sdm120": 4, "sdm630": 3, "shelly-pro-3em": 2, "sma": 4, "sunspec-103": 1,
        "victron-gx": 2, "waveshare-relay-8": 1,
    ]

    @Test(arguments: names)
    func eachIsRead(name: String) throws {
        let source = String(decoding: try Self.source(of: name), as: UTF8.self)
        let loaded = load(Self.line("devices/\(name)"), ["/usr/share/outpost/devices/\(name).toml": source])
        #expect(loaded.problems == [])
        let device = try #require(loaded.settings?.modbus[0].devices[0])
        #expect(device.points.count >= 8)
        #expect(Set(device.points.map(\.series)).count == device.points.count)
        #expect(device.requests.count == Self.requests[name], "\(device.requests.map(\.request))")
        for request in device.requests {
            #expect(Int(request.request.count) <= (request.request.table.isBits ? 2000 : device.limits.mostRegisters))
        }
        // Where the numbers are from, before anything else.
        #expect(source.hasPrefix("# "))
        if name != "digital-inputs-8" {
            #expect(
                source.prefix { $0 == "#" || $0 != "\n" }.isEmpty == false
                    && source.split(separator: "\n\n")[0].contains("From "))
        }
    }

    /// A device of a serial line at the speed that it has at the works has time for all of its points.
    @Test(arguments: [
        ("sdm120", "rtu:///dev/tty?baud=2400&parity=N"), ("sdm630", "rtu:///dev/tty?baud=9600&parity=N"),
        ("em340", "rtu:///dev/tty?baud=9600&parity=N"), ("waveshare-relay-8", "rtu:///dev/tty?baud=9600&parity=N"),
    ])
    func eachFitsItsLine(name: String, address: String) throws {
        let source = String(decoding: try Self.source(of: name), as: UTF8.self)
        let text = Self.line("devices/\(name)", address: address)
        #expect(problems(text, ["etc/devices/\(name).toml": source]) == [])
    }

    /// Known from their documents.
    @Test func someOfTheirPoints() throws {
        func point(_ name: String, _ series: String) throws -> Point {
            let source = String(decoding: try Self.source(of: name), as: UTF8.self)
            let device = load(Self.line(name), ["etc/\(name).toml": source]).settings?.modbus[0].devices[0]
            return try #require(device?.points.first { $0.series == SeriesName("meter/\(series)") }?.point)
        }
        #expect(try point("sdm630", "power") == Point(table: .input, address: 0x34, type: .f32))
        #expect(
            try point("sdm120", "energy/import")
                == Point(table: .input, address: 0x48, type: .f32, every: .seconds(10)))
        #expect(
            try point("sunspec-103", "power")
                == Point(
                    table: .holding, address: 14, type: .i16, scaleRegister: 15, invalid: [0x8000]))
        #expect(
            try point("sma", "power") == Point(table: .input, address: 30_775, type: .i32, invalid: [0x8000_0000]))
        #expect(
            try point("em340", "l3/current")
                == Point(
                    table: .input, address: 0x10, type: .i32, order: ByteOrder("CDAB", byteCount: 4), scale: 0.001,
                    invalid: [0x7FFF_FFFF]))
        #expect(try point("em340", "frequency").type == .i16)
        #expect(
            try point("victron-gx", "battery/voltage") == Point(table: .holding, address: 840, type: .u16, scale: 0.1))
        #expect(
            try point("shelly-pro-3em", "power")
                == Point(table: .input, address: 1013, type: .f32, order: ByteOrder("CDAB", byteCount: 4)))
        #expect(
            try point("waveshare-relay-8", "relay/8")
                == Point(table: .coil, address: 7, type: .bool, isWritable: true))
    }

    // MARK: - Rules

    private static let small = """
        max_registers = 10
        table = "input"
        base = 100
        [[point]]
        series = "power"
        address = 1
        scale_register = 2
        """

    @Test func itIsLookedForInPlaces() {
        for path in ["etc/x.toml", "/usr/share/outpost/x.toml", "/usr/local/share/outpost/x.toml"] {
            #expect(problems(Self.line("x"), [path: Self.small]) == [], "\(path)")
            #expect(problems(Self.line("x.toml"), [path: Self.small]) == [], "\(path)")
        }
        #expect(problems(Self.line("/opt/x"), ["/opt/x.toml": Self.small]) == [])
        // The one beside the configuration goes first.
        let files = ["etc/x.toml": Self.small, "/usr/share/outpost/x.toml": "nonsense"]
        #expect(problems(Self.line("x"), files) == [])
    }

    @Test func whatTheDeviceSaysGoesFirst() throws {
        let own = """
            max_registers = 20
            base = 200
            every = "3s"
            [[modbus.device.point]]
            series = "more"
            address = 1
            """
        let device = try #require(load(Self.line("x", own), ["etc/x.toml": Self.small]).settings?.modbus[0].devices[0])
        #expect(device.limits.mostRegisters == 20)
        #expect(
            device.points.map(\.point) == [
                Point(table: .input, address: 201, type: .u16, scaleRegister: 202, every: .seconds(3)),
                // Addresses of one's own are where they are.
                Point(table: .input, address: 1, type: .u16, every: .seconds(3)),
            ])
        let plain = try #require(load(Self.line("x"), ["etc/x.toml": Self.small]).settings?.modbus[0].devices[0])
        #expect(plain.limits.mostRegisters == 10)
        #expect(plain.points.map(\.point.address) == [101])
    }

    @Test func problemsAreWhereTheyAre() {
        let file = ["etc/x.toml": Self.small]
        #expect(
            problems(Self.line("y")) == [
                "etc/outpost.toml:6:10: preset: there is no file etc/y.toml, and no /usr/share/outpost/y.toml, and no "
                    + "/usr/local/share/outpost/y.toml"
            ])
        #expect(problems(Self.line("/y")) == ["etc/outpost.toml:6:10: preset: there is no file /y.toml"])
        #expect(
            problems(Self.line("x", "untit = 1"), file) == [
                "etc/outpost.toml:7:1: unknown key \"untit\" in [[modbus.device]], did you mean \"unit\"?"
            ])
        #expect(
            problems(Self.line("x"), ["etc/x.toml": Self.small + "\ntyp = \"u16\""]) == [
                "etc/x.toml:8:1: unknown key \"typ\" in [[modbus.device.point]], did you mean \"type\"?"
            ])
        #expect(
            problems(Self.line("x"), ["etc/x.toml": "name = \"a\"\n" + Self.small]) == [
                "etc/x.toml:1:1: name has no place in a preset: it is said where the preset is named"
            ])
        #expect(
            problems(Self.line("x"), ["etc/x.toml": "base = \"a\"\n[[point]]\nseries = \"a\"\naddress = 1"]) == [
                "etc/x.toml:1:8: base: an integer such as 40069 is expected, not a string"
            ])
        #expect(
            problems(Self.line("x", "base = 65535"), file) == [
                "etc/x.toml:6:11: address = 65536 is out of range: 0 to 65535",
                "etc/x.toml:7:18: scale_register = 65537 is out of range: 0 to 65535",
            ])
        #expect(
            problems(Self.line("x"), ["etc/x.toml": ""]) == [
                "etc/outpost.toml:4:1: [[modbus.device]] needs at least one [[modbus.device.point]]"
            ])
        #expect(
            problems(Self.line("x"), ["etc/x.toml": "point = 5"]) == [
                "etc/x.toml:1:9: point: an array of tables such as [[modbus.device.point]] is expected, not an integer"
            ])
        #expect(problems(Self.line("x"), ["etc/x.toml": "a = "]).count == 1)
        #expect(
            problems(Self.line("x").replacing("preset = \"x\"", with: "base = 5\npoint = []")) == [
                "etc/outpost.toml:4:1: [[modbus.device]] needs at least one [[modbus.device.point]]",
                "etc/outpost.toml:6:1: base needs preset beside it",
            ])
    }

    /// The device is asked where its block is, unless the configuration says so.
    @Test func aBlockIsSearchedForOrNot() throws {
        let files = ["etc/s.toml": String(decoding: try Self.source(of: "sunspec-103"), as: UTF8.self)]
        let device = try #require(load(Self.line("s"), files).settings).modbus[0].devices[0]
        #expect(device.sunSpecModel == 103)
        let placed = try #require(load(Self.line("s") + "\nbase = 40069", files).settings).modbus[0].devices[0]
        #expect(placed.sunSpecModel == nil)
        for (point, moved) in zip(device.points, placed.points) {
            #expect(moved.point.address == point.point.address + 40_069)
            #expect(moved.point.scaleRegister == point.point.scaleRegister.map { $0 + 40_069 })
        }
    }
}
