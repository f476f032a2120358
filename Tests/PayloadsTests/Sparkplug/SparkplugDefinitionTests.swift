import Payloads
import Platform
import Readings
import TestSupport
import Testing

/// Messages by the code that is generated from the official definition, in Python: messages.py says what has to be read
/// of them.
@Suite struct SparkplugDefinitionTests {
    private struct Message {
        var topic: String
        var payload: [UInt8]
        var problem: String
        var readings: [Expected] = []
    }

    private struct Expected: Equatable {
        var suffix: String?
        var unit: String?
        var time: Int64?
        var value: Value
        var quality: String
    }

    @Test(arguments: 1...8 as ClosedRange<Int>)
    func messagesAreReadAsTheyWereMeant(seed: Int) throws {
        let decoder = SparkplugDecoder.usual()
        let messages = try messages(seed: seed, count: 500)
        #expect(messages.count == 500)
        #expect(messages.map(\.readings.count).reduce(0, +) > 2000)
        for (number, message) in messages.enumerated() {
            let (readings, problem) = decoder.read(message.topic, message.payload)
            let isRight =
                readings.map { expected($0, decoder.fields[$0.field]) } == message.readings
                && problem?.reason.rawValue ?? "-" == message.problem
            #expect(isRight, "seed \(seed), message \(number): \(message), \(readings), \(String(describing: problem))")
            if !isRight { return }
        }
        #expect(decoder.takeRebirthRequests(now: .zero).isEmpty)
    }

    private func expected(_ reading: DecodedReading, _ field: PayloadField) -> Expected {
        Expected(
            suffix: field.suffix, unit: field.unit, time: reading.time?.microseconds, value: reading.value,
            quality: reading.quality.name)
    }

    // MARK: - What the script writes

    private func messages(seed: Int, count: Int) throws -> [Message] {
        let directory = TemporaryDirectory()
        let here = #filePath.split(separator: "/").dropLast()
        let python = "/" + here.dropLast(3).joined(separator: "/") + "/.build/python/bin/python"
        let script = "/" + here.joined(separator: "/") + "/messages.py"
        try #require(Files.exists(python), "make deps makes \(python)")
        let output = directory.path + "/messages"
        let command = "'\(python)' '\(script)' \(seed) \(count) > '\(output)'"
        try #require(try ChildProcess("/bin/sh", ["-c", command]).wait().status == 0, "\(command)")
        return try parse(String(decoding: Files.read(output), as: UTF8.self))
    }

    private func parse(_ text: String) throws -> [Message] {
        var messages: [Message] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            if parts[0] == "M" {
                messages.append(
                    Message(topic: String(parts[1]), payload: bytes(parts[2]), problem: String(parts[3])))
            } else {
                try #require(parts[0] == "R" && parts.count == 6)
                messages[messages.count - 1].readings.append(
                    Expected(
                        suffix: self.text(parts[1]), unit: parts[2] == "-" ? nil : self.text(parts[2]),
                        time: parts[3] == "-" ? nil : Int64(parts[3]), value: try value(parts[4]),
                        quality: String(parts[5])))
            }
        }
        return messages
    }

    private func value(_ word: Substring) throws -> Value {
        switch word.first {
        case "n": .number(Double(bitPattern: try #require(UInt64(word.dropFirst(2), radix: 16))))
        case "t": .text(text(word.dropFirst(2)))
        default: .absent
        }
    }

    private func text(_ digits: Substring) -> String { String(decoding: bytes(digits), as: UTF8.self) }

    private func bytes(_ digits: Substring) -> [UInt8] {
        let digits = Array(digits.utf8).map { $0 < 0x40 ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
