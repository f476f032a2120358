import Foundation
import Platform
import TestSupport
import Testing

/// The detector as a command: CSV in, CSV out.
@Suite("outpost detect", .serialized) struct DetectTests {
    private let directory = TemporaryDirectory()

    /// `count` readings with a step in the last ten, one a minute.
    private func rows(_ count: Int, from first: Int = 0) -> [String] {
        var generator = SeededGenerator(seed: UInt64(first))
        return (first..<first + count).map { number in
            let noise = Double.random(in: -1...1, using: &generator)
            let value = 20 + noise + (number >= first + count - 10 ? 30 : 0)
            return "\(1_718_000_000 + 60 * number),\(value)"
        }
    }

    private func detect(_ input: String, _ arguments: String...) throws -> CommandResult {
        let process = try start(arguments)
        let path = directory.path + "/input"
        try Files.write(Array(input.utf8), to: path)
        process.standardInput = FileHandle(forReadingAtPath: path)
        let files = ["out", "err"].map { directory.path + "/" + $0 }
        for file in files { try Files.write([], to: file) }
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Files.read($0), as: UTF8.self) }
        return CommandResult(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    private func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: outpostBinary)
        process.arguments = ["detect"] + arguments
        return process
    }

    private func lines(_ result: CommandResult) -> [String] { result.output.split(separator: "\n").map(String.init) }

    @Test func everyRowHasItsScore() throws {
        let input = rows(3000)
        let result = try detect("timestamp,value\n" + input.joined(separator: "\n") + "\n")
        #expect(result.status == 0 && result.errors == "")
        let output = lines(result)
        #expect(output.count == 3001)
        #expect(output[0] == "timestamp,value,anomaly_score,alert,reason")
        for (row, line) in zip(input, output.dropFirst()) { #expect(line.hasPrefix(row + ",")) }
        for line in output[1...100] { #expect(line.hasSuffix(",0,0,")) }
        let fields = output[2991].split(separator: ",", omittingEmptySubsequences: false)
        #expect(try #require(Double(fields[2])) > 0.8)
        #expect(fields[3] == "1")
        #expect(fields[4].contains(" outside "))
    }

    @Test func aStateGoesOnWhereItWas() throws {
        let (first, second) = (rows(1500), rows(800, from: 1500))
        let whole = lines(try detect((first + second).joined(separator: "\n")))
        let path = directory.path + "/state"
        let start = try detect(first.joined(separator: "\n"), "--state", path)
        #expect(start.status == 0, "\(start.errors)")
        let rest = lines(try detect(second.joined(separator: "\n"), "--state", path))
        #expect(lines(start) + rest.dropFirst() == whole)
        #expect(!Files.exists(path + ".new"))
    }

    @Test func aStateThatCannotBeReadIsLeftAlone() throws {
        let path = directory.path + "/state"
        #expect(try detect("1,2\n", "--state", path).status == 0)
        let sound = try Files.read(path)
        var newer = sound
        newer[4] = 9
        var damaged = sound
        damaged[200] ^= 1
        let foreign = Array("timestamp,value\n".utf8)
        for (bytes, word) in [(newer, "newer version (9)"), (damaged, "is damaged"), (foreign, "not a detector")] {
            try Files.write(bytes, to: path)
            let result = try detect("1,2\n", "--state", path)
            #expect(result.status == 1 && result.output == "")
            #expect(result.errors.hasPrefix("outpost detect: \(path): "))
            #expect(result.errors.contains(word), "\(result.errors)")
            #expect(try Files.read(path) == bytes)
        }
        #expect(try detect("1,2\n", "--state", "/nowhere/state").status == 1)
        #expect(try detect("1,2\n", "--state", directory.path).status == 1)
    }

    @Test func badLinesAreSaidByTheirNumber() throws {
        let bad = (0..<30).map { "yesterday,\($0)" }
        let result = try detect((["1,2"] + bad + ["3,4"]).joined(separator: "\r\n"))
        #expect(result.status == 1)
        let errors = result.errors.split(separator: "\n")
        #expect(errors.count == 21)
        #expect(errors.first?.hasPrefix("line 2: timestamp: \"yesterday\"") == true)
        #expect(errors.last == "and 10 more problems")
        #expect(lines(result)[2] == "yesterday,0,,,")
        #expect(lines(result).last == "3,4,0,0,")
        #expect(lines(result).count == 33)
    }

    @Test func nothingGivesAHeader() throws {
        let result = try detect("")
        #expect(result.status == 0 && result.output == "timestamp,value,anomaly_score,alert,reason\n")
    }

    @Test func theHoursAreThoseOfAZone() throws {
        for zone in ["+01:00", "-0530", "Z", "+14"] { #expect(try detect("1,2\n", "--zone", zone).status == 0) }
        for zone in ["", "1", "+25:00", "Europe/Berlin", "+1", "T"] {
            let result = try detect("1,2\n", "--zone", zone)
            #expect(result.status == 2 && result.errors.contains("--zone takes"), "\(zone)")
        }
        #expect(outpost("detect", "file.csv").status == 2)
        #expect(outpost("detect", "--help").output.contains("timestamp,value,anomaly_score,alert,reason"))
    }

    @Test func aPipeGetsItsAnswersLineByLine() throws {
        let process = try start([])
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var seen = ""
        func answer(_ text: String) -> Bool {
            eventually {
                let ready = pollDescriptors(
                    [(output.fileHandleForReading.fileDescriptor, Int32(POLLIN))],
                    until: Clocks.system.monotonic() + .milliseconds(10))
                if ready[0] != 0 { seen += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }
                return seen.hasSuffix(text)
            }
        }
        #expect(answer("reason\n"))
        for number in 0..<20 {
            input.fileHandleForWriting.write(Data("\(number),\(number)\n".utf8))
            #expect(answer("\n\(number),\(number),0,0,\n"))
        }
        input.fileHandleForWriting.write(Data("20,20".utf8))
        try input.fileHandleForWriting.close()
        #expect(answer("\n20,20,0,0,\n"))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func aReaderThatGoesAwayEndsItQuietly() throws {
        let process = try start([])
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try output.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        input.fileHandleForWriting.write(Data("1,2\n".utf8))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
        try errors.fileHandleForWriting.close()
        #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
    }
}
