import Platform
import TestSupport
import Testing

/// `outpost test` without a broker.
@Suite struct TrialTests {
    private let directory = TemporaryDirectory()

    private func trial(_ arguments: String...) throws -> CommandResult {
        let configuration = directory.path + "/outpost.toml"
        try Files.write(
            Array(
                """
                [[mqtt]]
                name = "plant"
                broker = "mqtt://127.0.0.1"
                max_payload = 100
                  [[mqtt.topic]]
                  filter = "plant/+/temp"
                  format = "number"
                  series = "{topic}"
                  unit = "C"
                  valid = [0, 100]
                  [[mqtt.topic]]
                  filter = "plant/#"
                  format = "json"
                  series = "json/{1}"
                  fields = "*"
                  time = "ts"
                """.utf8), to: configuration)
        return outpost(["test", "--config", configuration] + arguments)
    }

    @Test func aMessageAndWhatBecomesOfIt() throws {
        let result = try trial("--topic", "plant/boiler/temp", "--payload", "171.5")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output.contains("plant/boiler/temp  [plant/+/temp]\n    plant/boiler/temp = 171.5 C  out_of_range"))
        #expect(result.output.contains("plant/boiler/temp  [plant/#]\n    json/boiler = 171.5  uncertain"))
    }

    @Test func aPayloadFromAFile() throws {
        let path = directory.path + "/payload.json"
        try Files.write(Array(#"{"a":{"b":1},"ts":"x"}"#.utf8), to: path)
        let result = try trial("--topic", "plant/x", "--payload-file", path)
        #expect(result.output.contains("json/x/a/b = 1.0  uncertain"))
        #expect(result.output.contains("ts: not a time in the format \"auto\""))
        try Files.write([UInt8](repeating: 0x20, count: 5000), to: path)
        let large = try trial("--topic", "plant/x", "--payload-file", path)
        #expect(large.status == 1)
        #expect(large.output.contains("5000 bytes, where 100 are the limit"))
    }

    @Test func mistakes() throws {
        let nobody = try trial("--topic", "other", "--payload", "1")
        #expect(nobody.status == 1)
        #expect(nobody.output == "other\n    no [[mqtt.topic]] takes this topic\n")
        #expect(try trial("--payload", "1").errors.contains("a payload needs a --topic"))
        #expect(try trial("--topic", "a").errors.contains("--topic needs either"))
        #expect(try trial("--topic", "a/#", "--payload", "1").status == 2)
        #expect(try trial("--topic", "a", "--payload-file", "/nowhere").errors.contains("/nowhere"))
    }
}
