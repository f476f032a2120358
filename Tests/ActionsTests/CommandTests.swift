import Alarms
import Glibc
import Platform
import Readings
import TestSupport
import Testing

@testable import Actions

/// Real programs.
@Suite struct CommandTests {
    private let directory = TemporaryDirectory()

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func text(_ name: String) -> String {
        (try? Files.read(path(name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// A shell runs the script; what follows are its $0, $1 ...
    private func bench(_ script: String, _ arguments: [String] = [], lines: String = "") throws -> ActionBench {
        try Files.write(Array("cd \(directory.path)\n\(script)\n".utf8), to: path("script"))
        let words = ["/bin/sh", path("script")] + arguments
        return try ActionBench(
            """
            [[action]]
            name = "siren"
            kind = "command"
            command = [\(words.map { "'\($0)'" }.joined(separator: ", "))]
            \(lines)
            """)
    }

    private func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 }

    @Test func itIsToldInArgumentsEnvironmentAndInput() throws {
        let bench = try bench(
            "printf '%s|' \"$@\" >words; cat >input; env >variables",
            ["{alarm}", "{series}", "{level} {state}", "{value}", "{message}"])
        var event = event()
        event.isTest = true
        bench.submit(event)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(text("words") == "pressure|press/1|critical raised|3500.5|too high|")
        #expect(
            text("input") == """
                {"alarm":"pressure","series":"press/1","state":"raised","level":"critical","value":3500.5,\
                "limit":3500.0,"unit":"kPa","message":"too high","time":1000001,"arrived":1000002,\
                "decided":1000003,"sequence":1,"gateway":"test","condition":"unacknowledged","test":true}
                """)
        let variables = Set(text("variables").split(separator: "\n").map(String.init))
        #expect(
            variables.isSuperset(of: [
                "OUTPOST_ALARM=pressure", "OUTPOST_SERIES=press/1", "OUTPOST_STATE=raised", "OUTPOST_LEVEL=critical",
                "OUTPOST_VALUE=3500.5", "OUTPOST_LIMIT=3500", "OUTPOST_UNIT=kPa", "OUTPOST_MESSAGE=too high",
                "OUTPOST_TIME=1000001", "OUTPOST_GATEWAY=test", "OUTPOST_SEQUENCE=1", "OUTPOST_TEST=1",
                "OUTPOST_LATE=0", "OUTPOST_CONDITION=unacknowledged",
            ]))
        // The shell adds PWD and the like.
        let others = variables.filter { !$0.hasPrefix("OUTPOST_") }.map { $0.prefix { $0 != "=" } }
        #expect(Set(others).isSubset(of: ["PATH", "PWD", "OLDPWD", "SHLVL", "_"]), "\(others)")
        #expect(bench.stop())
    }

    @Test(arguments: [
        "$(touch hacked)", "`touch hacked`; touch hacked", "a b\tc\nd", "--help", "\"'\\", "*", "é \u{1F525}", "",
        "{alarm}", "%s%n",
    ])
    func aHostileTextStaysOneArgument(text hostile: String) throws {
        let bench = try bench("printf '%s' \"$#:$1\" >words; printf '%s' \"$OUTPOST_MESSAGE\" >variable", ["{message}"])
        bench.submit(event(message: hostile))
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(text("words") == "1:\(hostile)")
        #expect(text("variable") == hostile)
        #expect(!Files.exists(path("hacked")))
        #expect(bench.stop())
    }

    @Test func aTextThatNoArgumentCanHoldIsRefused() throws {
        let bench = try bench("touch ran", ["{message}"])
        bench.submit(event(message: "a\u{0}b"))
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1).hasPrefix("the alarm has a text with the character U+0000"))
        #expect(!Files.exists(path("ran")))
        #expect(bench.stop())
    }

    @Test func aStatusIsReportedWithItsWordsAndNotTriedAgain() throws {
        let bench = try bench("echo x >>runs; echo no horn >&2; echo 'at the gate'; exit 3")
        bench.submit(event(1))
        bench.submit(event(2, "other"))
        #expect(eventually { bench.reports.rows.count == 2 })
        #expect(bench.reports.reason(1) == "/bin/sh ended with status 3: no horn at the gate")
        #expect(text("runs") == "x\nx\n")
        #expect(bench.detail("action/siren").hasPrefix("degraded /bin/sh ended with status 3"))
        #expect(bench.stop())
    }

    @Test(arguments: [
        ("exit 255", "ended with status 255"), ("kill -9 $$", "was ended by signal 9"),
        ("kill -15 $$", "was ended by signal 15"),
    ]) func itsEndIsSaidAsItWas(script: String, how: String) throws {
        let bench = try bench(script)
        bench.submit(event())
        #expect(eventually { bench.reports.reason(1) == "/bin/sh \(how)" })
        #expect(bench.stop())
    }

    @Test func aProgramThatIsNotThereIsReported() throws {
        let bench = try ActionBench(
            "[[action]]\nname = \"siren\"\nkind = \"command\"\ncommand = [\"\(path("gone"))\"]")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1) == "cannot start \(path("gone")): No such file or directory")
        #expect(bench.stop())
    }

    /// It ignores the request to end, and so does its child.
    @Test func whatHangsIsEndedWithAllThatItStarted() throws {
        let bench = try bench(
            "trap '' TERM; sleep 1000 & echo $! >child; echo $$ >parent; echo stuck; while :; do sleep 1000; done",
            lines: "timeout = \"500ms\"")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        #expect(bench.reports.reason(1) == "/bin/sh was not done after 0.5 s, and was ended")
        for name in ["child", "parent"] {
            let id = try #require(Int32(text(name).split(separator: "\n").first ?? ""))
            #expect(eventually { !isAlive(id) }, "\(name)")
        }
        #expect(bench.stop())
    }

    @Test func aChildThatWouldOutliveItEndsWithIt() throws {
        let bench = try bench("(trap '' HUP TERM; exec sleep 1000) & echo $! >child; exit 0")
        bench.submit(event())
        // The child has the output open, and is not waited for.
        #expect(eventually { bench.reports.outcome(1) == .done })
        let id = try #require(Int32(text("child").split(separator: "\n").first ?? ""))
        #expect(eventually { !isAlive(id) })
        #expect(bench.stop())
    }

    @Test func muchOutputDoesNoHarm() throws {
        let bench = try bench("echo begin; head -c 100000000 /dev/zero; echo end; exit 1")
        bench.submit(event())
        #expect(eventually { bench.reports.rows.count == 1 })
        let reason = bench.reports.reason(1)
        #expect(reason.hasPrefix("/bin/sh ended with status 1: begin"))
        #expect(reason.utf8.count < 2000)
        #expect(bench.stop())
    }

    @Test func onlySoManyRunAtOnce() throws {
        let bench = try bench(
            "mkdir running.$$; ls -d running.* | wc -l >>counts; until [ -e go ]; do sleep 0.01; done; rmdir running.$$",
            lines: "max_running = 2")
        for number in 1...6 as ClosedRange<Int64> { bench.submit(event(number, "alarm-\(number)")) }
        #expect(eventually { text("counts").split(separator: "\n").count == 2 })
        try Files.write([], to: path("go"))
        #expect(eventually { bench.reports.count(.done) == 6 })
        let counts = text("counts").split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
        #expect(counts.count == 6)
        #expect(counts.max() == 2)
        #expect(bench.stop())
    }

    @Test func nothingOfOursIsOpenInIt() throws {
        // Without the flag that libraries forget.
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        let bench = try bench("ls /proc/$$/fd >open")
        bench.submit(event())
        #expect(eventually { bench.reports.outcome(1) == .done })
        let open = text("open").split(separator: "\n").compactMap { Int32($0) }
        #expect(Set(open).isSuperset(of: [0, 1, 2]))
        #expect(!open.contains(descriptor), "\(open)")
        #expect(bench.stop())
    }

    @Test func manyAtOnceAreAllRun() throws {
        let bench = try ActionBench(
            "[[action]]\nname = \"siren\"\nkind = \"command\"\ncommand = [\"/bin/true\"]\nmax_running = 8")
        for number in 1...300 as ClosedRange<Int64> { bench.submit(event(number, "alarm-\(number % 40)")) }
        #expect(eventually { bench.reports.count(.done) == 300 })
        #expect(bench.stop())
    }

    /// It is not reported: it is run again after the next start.
    @Test func whatRunsAtTheEndHasAMoment() throws {
        let bench = try bench("echo $$ >pid; exec sleep 1000")
        bench.submit(event())
        #expect(eventually { !text("pid").isEmpty })
        #expect(bench.stop())
        #expect(bench.reports.rows.isEmpty)
        let id = try #require(Int32(text("pid").split(separator: "\n").first ?? ""))
        #expect(!isAlive(id))
    }

    @Test func whatEndsInThatMomentIsReported() throws {
        let bench = try bench("touch started; until [ -e go ]; do sleep 0.01; done")
        bench.submit(event())
        #expect(eventually { Files.exists(path("started")) })
        bench.actions.stop()
        try Files.write([], to: path("go"))
        #expect(bench.actions.waitUntilStopped(deadline: Clocks.farAway))
        #expect(bench.reports.outcome(1) == .done)
    }
}
