import Glibc
import Platform
import TestSupport
import Testing

@Suite struct LogTests {
    private func sayAll(_ log: Log) {
        log.error("mqtt", "refused")
        log.warning("mqtt", "slow")
        log.info("mqtt", "connected")
        log.debug("mqtt", "ping")
    }

    @Test func aLevelLetsThroughItselfAndWhatIsWorse() {
        for (level, words) in [
            (Log.Level.error, ["refused"]), (.warning, ["refused", "slow"]),
            (.info, ["refused", "slow", "connected"]), (.debug, ["refused", "slow", "connected", "ping"]),
        ] {
            let lines = Lines()
            sayAll(lines.log(level, .systemd))
            #expect(lines.all.map { String($0.split(separator: " ").last!.dropLast()) } == words)
        }
    }

    @Test func whatIsNotSaidIsNotEvenMade() {
        var isMade = false
        func message() -> String {
            isMade = true
            return ""
        }
        Lines().log(.info).debug("mqtt", message())
        #expect(!isMade)
    }

    @Test func theThreeStyles() {
        func lines(_ style: Log.Style) -> [String] {
            let lines = Lines()
            sayAll(lines.log(.debug, style))
            return lines.all
        }
        #expect(
            lines(.systemd) == [
                "<3>mqtt: refused\n", "<4>mqtt: slow\n", "<6>mqtt: connected\n", "<7>mqtt: ping\n",
            ])
        #expect(
            lines(.terminal) == [
                "\u{1B}[31mmqtt: refused\u{1B}[0m\n", "\u{1B}[33mmqtt: slow\u{1B}[0m\n", "mqtt: connected\n",
                "\u{1B}[2mmqtt: ping\u{1B}[0m\n",
            ])
        #expect(
            lines(.plain) == [
                "2023-11-14T22:13:20Z error mqtt: refused\n", "2023-11-14T22:13:20Z warning mqtt: slow\n",
                "2023-11-14T22:13:20Z info mqtt: connected\n", "2023-11-14T22:13:20Z debug mqtt: ping\n",
            ])
    }

    @Test func theStyleFollowsWhereStderrGoes() async {
        await #expect(processExitsWith: .success) {
            var about = stat()
            fstat(2, &about)
            setenv("JOURNAL_STREAM", "\(about.st_dev):\(about.st_ino)", 1)
            guard Log.styleOfStderr() == .systemd else { exit(1) }
            // Redirected after systemd had set it.
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            dup2(ends[1], 2)
            guard Log.styleOfStderr() == .plain else { exit(2) }
            unsetenv("JOURNAL_STREAM")
            exit(Log.styleOfStderr() == .plain ? 0 : 3)
        }
    }

    @Test func aMessageCannotForgeALineOrCommandTheTerminal() {
        for style in [Log.Style.systemd, .terminal, .plain] {
            for control in (0..<UInt32(0x20)).map({ $0 }) + (0x7F..<0xA0).map({ $0 }) {
                let lines = Lines()
                lines.log(.info, style).info("mqtt", "12 °C\(Unicode.Scalar(control)!)<3>forged: é")
                #expect(lines.all.count == 1)
                #expect(lines.all[0].hasSuffix("mqtt: 12 °C\u{FFFD}<3>forged: é\n"), "\(style) \(control)")
            }
        }
    }

    @Test func repeatsAreCountedAndSaidOnceTheWindowIsOver() {
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        for number in 1...3 { log.warning("mqtt", repeats: "bad", "bad \(number)") }
        #expect(lines.all == ["<4>mqtt: bad 1\n"])
        clock.advance(by: Log.window - .nanoseconds(1))
        log.flushRepeats()
        log.warning("mqtt", repeats: "bad", "bad 4")
        #expect(lines.all.count == 1)
        clock.advance(by: .nanoseconds(1))
        log.flushRepeats()
        #expect(lines.all.dropFirst() == ["<4>mqtt: 3 more like it since: bad 1\n"])
        log.flushRepeats()
        #expect(lines.all.count == 2)
        log.warning("mqtt", repeats: "bad", "bad 5")
        #expect(lines.all.last == "<4>mqtt: bad 5\n")
    }

    @Test func withoutAFlushTheNextLineSaysTheCountFirst() {
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        log.error("disk", repeats: "full", "full")
        log.error("disk", repeats: "full", "still full")
        clock.advance(by: Log.window)
        log.error("disk", repeats: "full", "full again")
        #expect(
            lines.all == ["<3>disk: full\n", "<3>disk: 1 more like it since: full\n", "<3>disk: full again\n"])
    }

    @Test func whatOccursOnceIsNotSaidAgain() {
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        log.info("mqtt", repeats: "x", "once")
        clock.advance(by: Log.window)
        log.flushRepeats()
        log.flushRepeats(all: true)
        #expect(lines.all.count == 1)
    }

    @Test func theSameKeyOfTwoSourcesIsTwoThings() {
        let lines = Lines()
        let log = lines.log(.info, .systemd)
        log.info("plant", repeats: "x", "one")
        log.info("hall", repeats: "x", "two")
        log.info("hall", repeats: "y", "three")
        #expect(lines.all.count == 3)
    }

    @Test func theEndSaysAllThatWasLeftOutOldestFirst() {
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        for key in ["a", "b", "c"] {
            log.info("mqtt", repeats: key, key)
            log.info("mqtt", repeats: key, key)
            clock.advance(by: .seconds(1))
        }
        log.flushRepeats(all: true)
        #expect(lines.all.dropFirst(3).map { $0.dropLast().last } == ["a", "b", "c"])
    }

    @Test func pastAThousandKeysTheOldestGoesWithItsCount() {
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        for _ in 0..<3 { log.info("mqtt", repeats: "first", "first") }
        for number in 1..<1000 {
            clock.advance(by: .milliseconds(1))
            log.info("mqtt", repeats: "\(number)", "\(number)")
        }
        #expect(lines.all.count == 1000)
        log.info("mqtt", repeats: "1000", "one too many")
        #expect(
            lines.all.suffix(2) == ["<6>mqtt: 2 more like it since: first\n", "<6>mqtt: one too many\n"])
        // Its window is not over, but it is no longer known.
        log.info("mqtt", repeats: "first", "first again")
        #expect(lines.all.last == "<6>mqtt: first again\n")
    }

    /// Whatever the keys and the times: each line is either printed or in a count.
    @Test func everyLineIsPrintedOrCounted() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let (lines, clock) = (Lines(), VirtualClock())
        let log = lines.log(.info, .systemd, clock)
        var said = [Int](repeating: 0, count: 1500)
        for _ in 0..<20_000 {
            // Some keys come all the time, most of them seldom.
            let key = Int.random(in: 0..<(Bool.random(using: &generator) ? 10 : said.count), using: &generator)
            said[key] += 1
            log.info("mqtt", repeats: "\(key)", "\(key)")
            clock.advance(by: .milliseconds(Int.random(in: 0...100, using: &generator)))
            if Int.random(in: 0..<100, using: &generator) == 0 { log.flushRepeats() }
        }
        log.flushRepeats(all: true)
        var told = [Int](repeating: 0, count: said.count)
        for line in lines.all {
            let words = line.dropLast().split(separator: " ").dropFirst()
            let key = try #require(words.last.flatMap { Int($0) }, "seed \(seed): \(line)")
            told[key] += words.count == 1 ? 1 : try #require(Int(words.first!))
        }
        #expect(told == said, "seed \(seed)")
        #expect(lines.all.count < 20_000, "seed \(seed)")
    }

    @Test func severalThreadsLoseNothing() throws {
        let lines = Lines()
        let log = lines.log(.info, .systemd)
        try onThreads(4) { thread in
            for _ in 0..<500 { log.info("t\(thread)", repeats: "x", "x") }
        }
        log.flushRepeats(all: true)
        #expect(Set(lines.all.prefix(4)).count == 4)
        #expect(lines.all.filter { $0.hasSuffix(": 499 more like it since: x\n") }.count == 4)
    }
}
