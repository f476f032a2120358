import Payloads
import Readings
import Zstd

/// What gateways get to read, in every format. A new format is one more entry in `all`.
public enum PayloadScenes {
    static let variants = 16
    static let arrival = Timestamp(microseconds: 1_718_000_000_000_000)

    public static func all() throws -> [PayloadScene] {
        [
            PayloadScene("number", .number(NumberMapping())) { "\(value($0))" },
            PayloadScene("text", .text) { $0 % 2 == 0 ? "RUNNING" : "STOPPED" },
            PayloadScene("json, one value", try fields(["t"])) { #"{"t":\#(value($0)),"ts":\#(seconds($0))}"# },
            PayloadScene("json, ten fields", try fields(names), document),
            PayloadScene("json, fields = \"*\"", .json(everything), document),
            PayloadScene("line, one line", .line(.nanoseconds)) { line(1, $0) },
            PayloadScene("line, ten lines", .line(.nanoseconds)) { variant in
                (1...10).map { line($0, variant) }.joined(separator: "\n")
            },
            PayloadScene("csv, ten fields", csv) { variant in
                "\(seconds(variant));" + (0..<10).map { "\(value(variant + $0))" }.joined(separator: ";")
            },
            PayloadScene("binary, four fields", try binary, nil, (0..<variants).map(packed)),
            PayloadScene("senml, ten records", .senml, senml),
            PayloadScene("senml in cbor, ten records", .senml, nil, (0..<variants).map(senmlInCBOR)),
            PayloadScene("sparkplug, ten metrics", birth: sparkplug(nil), (0..<variants).map(sparkplug)),
            PayloadScene("json, ten fields in gzip", try fields(names), .gzip, [gzipped]),
            PayloadScene("json, ten fields in zstd", try fields(names), .zstd, try (0..<variants).map(zstd)),
        ]
    }

    private static func value(_ number: Int) -> Double { Double(number * 7919 % 10_000) / 100 }
    private static func seconds(_ number: Int) -> Int { 1_718_000_000 + number }

    // MARK: - JSON

    private static let names = [
        "temperature", "humidity", "pressure", "battery", "voltage", "current", "power", "energy", "speed", "level",
    ]

    private static func fields(_ names: [String]) throws -> PayloadFormat {
        let fields = try names.map { JSONMapping.Field(path: try JSONPath(parsing: $0), suffix: $0) }
        let time = TimeField(path: try JSONPath(parsing: "ts"), format: .auto)
        return .json(JSONMapping(values: .fields(fields), time: time))
    }

    private static let everything = JSONMapping(values: .everything(JSONMapping.Everything()))

    private static func document(_ variant: Int) -> String {
        let values = names.enumerated().map { #""\#($1)":\#(value(variant + $0))"# }
        return #"{"ts":\#(seconds(variant)),\#(values.joined(separator: ","))}"#
    }

    private static func zstd(_ variant: Int) throws -> [UInt8] {
        var frame: [UInt8] = []
        try ZstdCompressor(level: 3).compress(Array(document(variant).utf8), appendingTo: &frame)
        return frame
    }

    /// `document(0)` by `gzip -n9`.
    private static let gzipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x1d, 0x8c, 0x4b, 0x0e, 0x83, 0x30, 0x0c, 0x44,
        0xef, 0xe2, 0xb5, 0x65, 0x11, 0x42, 0x08, 0xc9, 0x6d, 0x68, 0xb1, 0x28, 0x52, 0xf8, 0xc8, 0x31, 0x54, 0x55,
        0xd5, 0xbb, 0xd7, 0x62, 0x96, 0xf3, 0x66, 0xde, 0x17, 0xb4, 0x42, 0x76, 0xd1, 0x0d, 0xcd, 0x1d, 0x04, 0xe5,
        0xf5, 0x60, 0x19, 0xf5, 0x14, 0x86, 0xdc, 0x90, 0x35, 0xaf, 0x73, 0x5d, 0xa6, 0x45, 0x3f, 0x90, 0x63, 0x22,
        0x97, 0x10, 0x0e, 0xe1, 0x5a, 0x6f, 0x1e, 0x06, 0xf2, 0x03, 0xc2, 0x63, 0x54, 0x65, 0xb1, 0x81, 0x8f, 0x14,
        0x22, 0xc2, 0xb5, 0x17, 0x1d, 0x67, 0xe3, 0xae, 0xa7, 0xd8, 0x23, 0x3c, 0x4f, 0x11, 0xde, 0x14, 0x72, 0x0a,
        0x94, 0x82, 0x09, 0xf6, 0x37, 0x8b, 0xe9, 0x02, 0xb9, 0x0e, 0x81, 0x37, 0x96, 0xd9, 0xce, 0xa1, 0x23, 0xef,
        0x11, 0xea, 0xc1, 0x3c, 0x99, 0xca, 0x53, 0x68, 0x11, 0x0a, 0x5f, 0x5c, 0x4c, 0xd4, 0x52, 0x74, 0xbf, 0x3f,
        0xc5, 0xd6, 0x86, 0x7c, 0xae, 0x00, 0x00, 0x00,
    ]

    // MARK: - Lines

    private static func line(_ machine: Int, _ variant: Int) -> String {
        "press,hall=3,machine=\(machine) force=\(value(variant + machine)) \(seconds(variant))000000000"
    }

    private static let csv = PayloadFormat.csv(
        CSVMapping(columns: [.time] + names.map { .value($0) }, separator: .semicolon, timeFormat: .seconds))

    // MARK: - Bytes

    private static var binary: PayloadFormat {
        get throws {
            .binary(
                BinaryMapping(
                    layout: try BinaryLayout(parsing: "<u16 i16:0.1 f32 u32"),
                    names: ["count", "temperature", "force", "energy"]))
        }
    }

    private static func packed(_ variant: Int) -> [UInt8] {
        (0..<12).map { UInt8(truncatingIfNeeded: variant * 37 + $0 * 11) & 0x7F }
    }

    // MARK: - Sparkplug

    /// The data of a variant, or the birth: metrics with alias, time and value, in the birth with their names, too.
    private static func sparkplug(_ variant: Int?) -> [UInt8] {
        let time = varint(UInt64(arrival.microseconds / 1000))
        let metrics = names.enumerated().map { index, name in
            let names = variant == nil ? [10, UInt8(name.utf8.count)] + Array(name.utf8) : []
            let bits = value((variant ?? 0) + index).bitPattern
            let double = (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
            return names + [16, UInt8(index)] + [24] + time + [32, 10, 105] + double
        }
        // Without a number, since the scene begins again behind its last message.
        return [8] + time + metrics.flatMap { [18, UInt8($0.count)] + $0 }
    }

    private static func varint(_ number: UInt64) -> [UInt8] {
        number < 0x80 ? [UInt8(number)] : [UInt8(truncatingIfNeeded: number) | 0x80] + varint(number >> 7)
    }

    // MARK: - SenML

    private static func senml(_ variant: Int) -> String {
        let records = names.enumerated().map { index, name in
            #"{\#(index == 0 ? base(variant) : "")"n":"\#(name)","u":"Cel","v":\#(value(variant + index))}"#
        }
        return "[\(records.joined(separator: ","))]"
    }

    private static func base(_ variant: Int) -> String {
        #""bn":"urn:dev:mac:0024befffe804ff1:","bt":\#(seconds(variant)),"#
    }

    private static func senmlInCBOR(_ variant: Int) -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [0x78, UInt8(text.utf8.count)] + Array(text.utf8) }
        func double(_ number: Double) -> [UInt8] {
            [0xFB] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
        }
        let base = [0x21] + text("urn:dev:mac:0024befffe804ff1:") + [0x22] + double(Double(seconds(variant)))
        return names.enumerated().reduce(into: [0x80 | UInt8(names.count)]) { pack, record in
            pack += record.offset == 0 ? [0xA5] + base : [0xA3]
            pack +=
                [0x00] + text(record.element) + [0x01] + text("Cel") + [0x02] + double(value(variant + record.offset))
        }
    }
}
