import Settings
import TestSupport
import Testing

/// Whatever a section says, it is refused or taken, and its summary can be made: planning and the load of a line are worked out
/// from numbers that may be wrong.
@Suite struct HostileModbusTests {
    private static let deviceKeys = [
        "unit", "timeout", "retries", "pause_after_connect", "pause_between_requests", "max_registers", "max_hole",
        "single_registers", "every", "table", "type", "order", "series", "base", "preset",
    ]
    private static let pointKeys = [
        "series", "address", "ref", "table", "type", "order", "length", "bits", "scale", "offset", "scale_register",
        "labels", "invalid", "valid", "every", "unit", "tags", "writable", "deadband",
    ]
    private static let values = [
        "0", "1", "-1", "5", "125", "126", "65535", "65536", "40001", "9223372036854775807", "-9223372036854775808",
        "0.5", "1e308", "inf", "nan", "true", "\"\"", "\"a\"", "\"string\"", "\"f64\"", "\"u16\"", "\"bool\"",
        "\"coil\"", "\"input\"", "\"10ms\"", "\"7d\"", "\"0s\"", "\"CDAB\"", "\"0-63\"", "\"15-3\"", "\"-\"",
        "\"1-2-3\"",
        "[]", "[0x8000]", "[-1, 9223372036854775807]", "[inf, -inf]", "[-inf, inf]", "{}", "{ 0 = \"a\" }",
        "{ -9223372036854775808 = \"a\" }", "1979-05-27",
    ]

    private static func lines(_ keys: [String], _ random: inout SeededGenerator) -> String {
        let chosen = Set((0..<Int.random(in: 0...2, using: &random)).map { _ in keys.randomElement(using: &random)! })
        return chosen.sorted().map { "\($0) = \(values.randomElement(using: &random)!)\n" }.joined()
    }

    private static func section(_ random: inout SeededGenerator) -> String {
        let addresses = ["rtu:///dev/ttyUSB0?baud=1200", "rtu:///dev/ttyUSB0", "rtu+tcp://a", "tcp://a"]
        var text = "[[modbus]]\nname = \"a\"\naddress = \"\(addresses.randomElement(using: &random)!)\"\n"
        for device in 0..<Int.random(in: 1...2, using: &random) {
            text += "[[modbus.device]]\nname = \"d\(device)\"\n" + lines(deviceKeys, &random)
            for point in 0..<Int.random(in: 1...2, using: &random) {
                let plain = lines(pointKeys.filter { $0 != "series" && $0 != "address" }, &random)
                let usual = "series = \"p\(point)\"\naddress = \(point * 40)\n"
                text +=
                    "[[modbus.device.point]]\n"
                    + (Int.random(in: 0..<8, using: &random) > 0 ? usual + plain : lines(pointKeys, &random))
            }
        }
        return text
    }

    @Test(arguments: [0x5E77_0001, 0x5E77_0002] as [UInt64])
    func anySectionIsRefusedOrTaken(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var taken = 0
        for round in 0..<1500 {
            let loaded = load(Self.section(&random))
            guard let settings = loaded.settings else {
                #expect(!loaded.problems.isEmpty, "seed \(seed) round \(round)")
                continue
            }
            taken += 1
            #expect(settings.summary().utf8.count > 100)
        }
        #expect(taken > 20, "\(taken)")
    }
}
