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
        #expect(server.series == [SeriesName("a/b"), SeriesName("c")])
        #expect(server.registers.map(\.point.type) == [.f32, .i16])
        #expect(server.registers[1].point.image(of: -12.3) == [UInt16(bitPattern: -123)])
    }

    @Test func anAlarmIsOneRegister() throws {
        let text = """
            [modbus_server]
            listen = "0.0.0.0:1502"
            [[modbus_server.register]]
            alarm = "hot"
            address = 7
            [[alarm]]
            name = "hot"
            series = "oven"
            above = 80
            """
        let register = try #require(load(text).settings?.modbusServer?.registers.first)
        #expect(register.source == .alarm("hot") && register.point.type == .u16 && register.point.address == 7)
        #expect(
            problems(in: text.replacing("alarm = \"hot\"", with: "alarm = \"hat\"\nscale = 2")) == [
                "1:1: [[modbus_server.register]]: there is no [[alarm]] \"hat\", did you mean \"hot\"?",
                "5:1: scale means nothing of an alarm: it is one register",
            ])
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
