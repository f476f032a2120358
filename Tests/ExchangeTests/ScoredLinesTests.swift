import Exchange
import Readings
import TestSupport
import Testing

@Suite("Lines of timestamp and value with something behind them")
struct ScoredLinesTests {
    private struct Outcome: Equatable {
        var output: [UInt8] = []
        var readings: [String] = []
        var problems: [String] = []

        var lines: [String] { String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init) }
    }

    private func scored(_ chunks: [[UInt8]]) -> Outcome {
        var scored = ScoredLines()
        var outcome = Outcome()
        for (index, chunk) in chunks.enumerated() {
            var readings: [String] = []
            var problems: [String] = []
            scored.feed(chunk.span, isLast: index == chunks.count - 1, into: &outcome.output) { time, value, row in
                readings.append("\(time.microseconds) \(value)")
                row += "x,y,z".utf8
            } problem: { problem in
                problems.append("\(problem.line): \(problem.message)")
            }
            outcome.readings += readings
            outcome.problems += problems
        }
        return outcome
    }

    private func scored(_ text: String) -> Outcome { scored([Array(text.utf8)]) }

    @Test("Times are of many kinds, and all texts are passed through as they are")
    func times() {
        let outcome = scored(
            """
            2024-02-24T22:20:38.5+01:00,1
            2024-02-24 22:20:38,  1.50\u{20}
            "2024-02-24T22:20:38Z","-2e3"
            2024-02-24,.5
            1718000000,0
            1718000000.25,1
            1718000000250,-0
            -5,007
            1718000000250000,1
            1718000000250000000,1
            """)
        #expect(outcome.problems == [])
        #expect(
            outcome.readings == [
                "1708809638500000 1.0", "1708813238000000 1.5", "1708813238000000 -2000.0", "1708732800000000 0.5",
                "1718000000000000 0.0", "1718000000250000 1.0", "1718000000250000 -0.0", "-5000000 7.0",
                "1718000000250000 1.0", "1718000000250000 1.0",
            ])
        #expect(outcome.lines[1] == "2024-02-24 22:20:38,  1.50 ,x,y,z")
        #expect(outcome.lines[2] == "\"2024-02-24T22:20:38Z\",\"-2e3\",x,y,z")
        #expect(outcome.lines[9] == "1718000000250000000,1,x,y,z")
    }

    @Test("A header is optional, and tells where the columns are")
    func headers() {
        for header in [
            "timestamp,value", "Time,Value", "\"ts\",\"value\"", "\u{FEFF}timestamp,value", "Datum,Druck", "time,°C",
        ] {
            #expect(scored("\(header)\r\n5,6\r\n").lines == ["5,6,x,y,z"], "\(header)")
        }
        #expect(scored("value,timestamp\n6,5\n").lines == ["5,6,x,y,z"])
        #expect(scored("label,value,note,timestamp\n0,6,\"a,b\",5\n").lines == ["5,6,x,y,z"])
        #expect(scored(",timestamp,value\n0,5,6\n").lines == ["5,6,x,y,z"])
        #expect(scored("soon,nan\n5,6\n").lines == ["soon,nan,,,", "5,6,x,y,z"])
        let foreign = scored("a,b,c\n1,2,3\n")
        #expect(foreign.problems.count == 2)
        #expect(foreign.lines == ["\"a,b,c\",,,,", "\"1,2,3\",,,,"])
    }

    @Test("A bad line is said by its number, and costs nothing but itself")
    func badLines() {
        let outcome = scored("timestamp,value\n1,2\n\nsoon,3\n4,nan\n5,\n6,1,5\n7\n8,\"9\n10,\"a\"b\n11,x\"y\"\n12,13")
        #expect(
            outcome.lines == [
                "1,2,x,y,z", "soon,3,,,", "4,nan,,,", "5,,,,", "\"6,1,5\",,,,", "\"7\",,,,", "\"8,\"\"9\",,,,",
                "\"10,\"\"a\"\"b\",,,,", "\"11,x\"\"y\"\"\",,,,", "12,13,x,y,z",
            ])
        #expect(outcome.problems.map { $0.prefix { $0 != ":" } } == ["4", "5", "6", "7", "8", "9", "10", "11"])
        #expect(outcome.problems[0].hasPrefix("4: timestamp: \"soon\" is neither"))
        #expect(outcome.problems[1] == "5: value: \"nan\" is not a finite number")
        #expect(outcome.problems[3] == "7: fields: 3 where there are 2 columns")
    }

    @Test("A line without end is said once, and takes no memory")
    func longLine() {
        let long = [UInt8](repeating: UInt8(ascii: "7"), count: ScoredLines.longest + 1)
        let chunks = [Array("1,2\n3,".utf8), long, long, Array("\n5,6".utf8), []]
        let outcome = scored(chunks)
        #expect(outcome.lines == ["1,2,x,y,z", ",,,,", "5,6,x,y,z"])
        #expect(outcome.problems == ["2: a line of more than 65536 bytes"])
        #expect(outcome == scored([chunks.flatMap { $0 }]))
    }

    @Test("Chunks may end anywhere")
    func chunks() {
        let bytes = Array("\u{FEFF}timestamp,value\r\n1,2\r\n\"3\",4\n\nx,\"\r\n5,\"6\"\r\n7,8".utf8)
        let whole = scored([bytes])
        #expect(whole.readings.count == 4 && whole.problems.count == 1)
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var chunks: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 0...9, using: &generator))
                chunks.append(Array(bytes[start..<end]))
                start = end
            }
            #expect(scored(chunks + [[]]) == whole, "seed \(seed)")
        }
    }
}
