import Readings
import TestSupport
import Testing

@testable import Exchange

/// A file of each format with something of everything.
private let samples: [(ExchangeFormat, String)] = [
    (
        .csv,
        #"""
        \#u{FEFF}series,time,value,text,quality\#r
        press/temperature,1708813238500000,21.5,,\#r
        "a, ""b""",2024-02-24T22:20:38Z,,"two
        lines",stale

        é,-1,nan(0x7ff4000000000000),,
        press/state,5,,"",uncertain
        """#
    ),
    (
        .line,
        #"""
        # comment
        press/temperature value=21.5 1708813238500000000
        cpu,host=h\ 1,quality=stale user=1i,idle=97.5,state="two
        \"lines\" \\",on=true -1000\#r

        é\,b text="" 5
        """#
    ),
]

@Suite struct MutatedFileTests {
    /// 50,000 files in all.
    @Test(arguments: samples.indices, 1...25 as ClosedRange<UInt64>)
    func areReadAlikeInAllChunksAndNumberedInRange(sample: Int, seed: UInt64) {
        let (format, text) = samples[sample]
        var generator = SeededGenerator(seed: seed)
        for round in 0..<1000 {
            let file = mutated(Array(text.utf8), &generator)
            let whole = parsed(file, format)
            let lines = 1 + file.count { $0 == UInt8(ascii: "\n") }
            let isInRange = whole.problems.allSatisfy { (1...lines).contains($0.line) }
            let isInOrder = zip(whole.problems, whole.problems.dropFirst()).allSatisfy { $0.line <= $1.line }
            let longestChunk = Int.random(in: 1...20, using: &generator)
            let isAlike = parsed(file, format, longestChunk: longestChunk, &generator) == whole
            #expect(isInRange && isInOrder && isAlike, "seed \(seed), round \(round): \(file)")
        }
    }

    private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var file = bytes
        let telling = Array("\",\n\r\\= #e-0i\u{FEFF}".utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0..<file.count, using: &generator)
            let isTelling = Bool.random(using: &generator)
            let byte = isTelling ? telling.randomElement(using: &generator)! : .random(in: 0...255, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: file[place] = byte
            case 1: file.insert(byte, at: place)
            case 2: file.removeSubrange(place..<min(file.count - 1, place + 3))
            default: file.insert(contentsOf: file[place..<min(file.count, place + 9)], at: 0)
            }
        }
        return file
    }
}

@Suite struct RecoveryTests {
    /// One quote too many costs its own line, not the file.
    @Test func anUnclosedQuoteDoesNotSwallowTheRest() {
        let rows = (1...50).map { "a,\($0),,OPEN,\n" }.joined()
        for quote in ["b,0,,\"OPEN,\n", "\"b,0,,OPEN,\n"] {
            let result = parsed(rows + quote + rows + quote + rows, .csv)
            #expect(result.readings.count == 150)
            #expect(result.problems.map(\.line) == [51, 102])
        }
        let lines = (1...50).map { "a text=\"OPEN\" \($0)\n" }.joined()
        let result = parsed(lines + "b text=\"OPEN\n" + lines, .line)
        #expect(result.readings.count == 100)
        #expect(result.problems.map(\.line) == [51])
    }
}

@Suite struct RecordLimitTests {
    private let tooLong = "a record of more than 1048576 bytes"

    private func record(_ format: ExchangeFormat, ofBytes count: Int) -> [UInt8] {
        let (start, end) = format == .csv ? ("a,1,,", ",\n") : ("a text=\"", "\" 1000\n")
        return Array("\(start)\(String(repeating: "x", count: count - start.utf8.count - end.utf8.count))\(end)".utf8)
    }

    private func good(_ format: ExchangeFormat) -> [UInt8] {
        Array((format == .csv ? "b,2,3,,\n" : "b value=3 2000\n").utf8)
    }

    @Test(arguments: ExchangeFormat.allCases, [1000, 65_536, 10_000_000])
    func theLongestIsReadAndOneByteMoreIsAProblem(format: ExchangeFormat, chunk: Int) {
        let file = record(format, ofBytes: 1 << 20) + record(format, ofBytes: 1 << 20 + 1) + good(format)
        let chunks = stride(from: 0, to: file.count, by: chunk).map { Array(file[$0..<min(file.count, $0 + chunk)]) }
        let result = parsed(chunks: chunks, format)
        // The first is read, and what it says is too long for a state.
        #expect(result.problems.map(\.line) == [1, 2])
        #expect(result.problems[0].message.hasSuffix("bytes, where 4096 are the most"))
        #expect(result.problems[1].message == tooLong)
        #expect(result.readings.map(\.name.description) == ["b"])
    }

    @Test(arguments: ExchangeFormat.allCases) func theLongestTextIsTaken(format: ExchangeFormat) {
        let text = String(repeating: "x", count: Value.longestText)
        let lines =
            format == .csv ? "a,1,,\(text),\nb,2,,\(text)x,\n" : "a text=\"\(text)\" 1000\nb text=\"\(text)x\" 2000\n"
        let result = parsed(lines, format)
        #expect(result.readings.map(\.name.description) == ["a"])
        #expect(result.problems.map(\.line) == [2])
    }

    /// One that goes on for many lines ends with its first one.
    @Test func aTextThatIsNeverClosedCostsOneLine() {
        let rows = [[UInt8]](repeating: good(.csv), count: 200_000)
        let file = Array("a,1,,\"x\n".utf8) + rows.joined()
        let result = parsed(file, .csv)
        #expect(result.problems == [LineProblem(line: 1, message: tooLong)])
        #expect(result.readings.count == rows.count)
    }

    @Test func memoryStaysBounded() {
        let line = String(repeating: "x", count: 999) + "\n"
        checkMemory(RecordReader<CSVRecords>(), start: "a,1,,\"", part: line)
        checkMemory(RecordReader<CSVRecords>(), start: "a,1,,\"", part: "x")
        checkMemory(RecordReader<CSVRecords>(), start: "", part: ",")
        checkMemory(RecordReader<LineProtocolRecords>(), start: "a text=\"", part: line)
        checkMemory(RecordReader<LineProtocolRecords>(), start: "a ", part: "x=1,")
    }

    /// Feeds a record that never ends, in chunks that are far longer than what may wait.
    private func checkMemory<Format>(_ reader: consuming RecordReader<Format>, start: String, part: String) {
        let endless = Array(String(repeating: part, count: (4 << 20) / part.utf8.count).utf8)
        var problems = 0
        reader.feed(Array(start.utf8).span, isLast: false, reading: { _ in }, problem: { _ in })
        for _ in 0..<2 {
            reader.feed(endless.span, isLast: false, reading: { _ in }, problem: { _ in problems += 1 })
            #expect(reader.buffer.capacity <= 4 << 20)
            #expect(reader.buffer.count <= RecordLimits.longest)
        }
        #expect(problems > 0)
    }

    @Test func partsOfARecordAreCounted() {
        func file(_ start: String, _ part: String, _ end: String) -> String {
            start + String(repeating: part, count: 5000) + end
        }
        #expect(
            parsed(file("a,1", ",", "\nb,2,3,,"), .csv).messages == ["1: field 4097: a record has 4096 fields at most"])
        #expect(parsed(file("a ", "x=1,", "x=1"), .line).messages == ["1: field: a line has 4096 of them at most"])
        #expect(parsed(file("a", ",x=1", " x=1"), .line).messages == ["1: tag: a line has 4096 of them at most"])
    }
}
