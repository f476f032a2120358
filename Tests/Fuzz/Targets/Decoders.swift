import Payloads
import Readings

extension FuzzTargets {
    static var decoders: [String: any FuzzTarget] {
        get throws {
            [
                "number": try DecoderFuzz(.number(NumberMapping()), good: bytes("71.3 bar")),
                "text": try DecoderFuzz(.text, good: bytes(" RUNNING ")),
                "json-paths": try DecoderFuzz(.json(paths), good: document),
                "json-everything": try DecoderFuzz(.json(everything), good: document, mayBeSilent: true),
                "json-each": try DecoderFuzz(
                    .json(each), good: bytes(#"{"ts":1718000000,"l":[{"n":"a","v":[1,"x"]}]}"#)),
                "line": try DecoderFuzz(.line(.auto), good: bytes("weather,site=a temp=21.5,s=\"x\" 1718000000\n")),
                "csv": try DecoderFuzz(.csv(csv), good: bytes("1718000000;\"21,5\";ok;48\n")),
                "binary-small": try binary("<u16 i24:0.1 bits:3 x u8", good: [1, 2, 3, 4, 5, 6, 7, 8]),
                "binary-large": try binary(">f64 f32 i64 u64:1e290", good: [UInt8](repeating: 1, count: 28)),
                "senml-json": try DecoderFuzz(.senml, good: bytes(#"[{"bn":"a/","bt":-5,"n":"b","u":"V","v":1}]"#)),
                "senml-cbor": try DecoderFuzz(
                    .senml, good: [0x81, 0xA3, 0, 0x61, 0x61, 1, 0x61, 0x56, 2, 0xF9, 0x3C, 0]),
                "availability": try DecoderFuzz(.availability(.availability), good: bytes(#"{"state":"online"}"#)),
                "gzip": try DecoderFuzz(.number(NumberMapping()), .gzip, good: gzipped),
                "zstd": try DecoderFuzz(.number(NumberMapping()), .zstd, good: zstd),
            ]
        }
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let document = bytes(
        #"{"t":21.5,"h":"48","s":"OPEN","data":{"ch":[{"v":1.2},{"v":-3e4}]},"ts":"2024-02-24T22:20:38.5Z"}"#)

    private static var paths: JSONMapping {
        get throws {
            let paths = ["t", "h", "s", "data.ch[1].v", "data.ch[*].v", "n"]
            return JSONMapping(
                values: .fields(try paths.map { JSONMapping.Field(path: try JSONPath(parsing: $0), suffix: $0) }),
                time: try time)
        }
    }

    private static var everything: JSONMapping {
        get throws {
            let rules = JSONMapping.Everything(ignore: [SeriesGlob("data/*/x")], texts: true)
            return JSONMapping(values: .everything(rules), time: try time)
        }
    }

    private static var each: JSONMapping {
        get throws {
            JSONMapping(
                each: try JSONPath(parsing: "l"), name: try JSONPath(parsing: "n"),
                values: .fields([JSONMapping.Field(path: try JSONPath(parsing: "v[*]"))]), time: try time)
        }
    }

    private static var time: TimeField {
        get throws { TimeField(path: try JSONPath(parsing: "ts"), format: .auto) }
    }

    private static let csv = CSVMapping(
        columns: [.time, .value("temperature"), .skipped, .value("state")], separator: .semicolon, texts: true)

    private static func binary(_ layout: String, good: [UInt8]) throws -> DecoderFuzz {
        let layout = try BinaryLayout(parsing: layout)
        let names = (0..<layout.fieldCount).map { "field\($0)" }
        return try DecoderFuzz(.binary(BinaryMapping(layout: layout, names: names)), good: good)
    }

    /// `printf 71.3 | gzip -n9`.
    private static let gzipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0x37, 0xd4, 0x33, 0x06, 0x00, 0x99, 0xf8,
        0xc6, 0xdd, 0x04, 0x00, 0x00, 0x00,
    ]

    /// A frame with one raw block, which says neither its size nor a checksum.
    private static let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 0x58, 0x21, 0, 0] + bytes("71.3")
}
