import Polling
import Readings
import Testing

@testable import Settings

@Suite struct ModbusServerSettingsTests {
    @Test func withoutTheSectionThereIsNone() throws {
        #expect(try #require(load("").settings).modbusServer == nil)
    }

    @Test func defaultsAreFilledIn() throws {
        let text = """
            [modbus_server]
            listen = "0.0.0.0:1502"
            [[modbus_server.register]]
            series = "a/b"
            address = 10
            [[modbus_server.register]]
            series = "c"
            address = 12
            type = "i16"
            scale = 0.1
            """
        let server = try #require(load(text).settings?.modbusServer)
        #expect(server.host == "0.0.0.0" && server.port == 1502 && server.unit == 1 && server.maxAge == .seconds(60))
        #expect(server.registers.map(\.series) == [SeriesName("a/b"), SeriesName("c")])
        #expect(server.registers.map(\.point.type) == [.f32, .i16])
        #expect(server.registers[1].point.image(of: -12.3) == [UInt16(bitPattern: -123)])
    }

    @Test(arguments: [
        ("unit = 1", ["1:1: [modbus_server] needs listen = \"127.0.0.1:1502\""]),
        ("listen = \"1502\"", ["2:10: listen: an address and a port are expected, such as \"0.0.0.0:502\""]),
        (
            "listen = \"a:1\"\n[[modbus_server.register]]\nseries = \"a\"\naddress = 0\n[[modbus_server.register]]\n"
                + "series = \"b\"\naddress = 1", ["1:1: two values lie at register 1"]
        ),
        (
            "listen = \"a:1\"\n[[modbus_server.register]]\nseries = \"a\"",
            ["3:1: [[modbus_server.register]] needs address = 0"]
        ),
        (
            "listen = \"a:1\"\n[[modbus_server.register]]\nseries = \"a\"\naddress = 0\ntype = \"string\"",
            ["6:8: type: a text has no place here"]
        ),
    ])
    func refuses(text: String, expected: [String]) {
        #expect(problems(in: "[modbus_server]\n" + text) == expected)
    }
}
