import Glibc
import Platform
import TestSupport
import Testing

@testable import Bench

@Suite("The benchmark of the payloads")
struct PayloadBenchTests {
    @Test("Every scene is measured")
    func report() throws {
        let scenes = try PayloadScenes.all()
        for scene in scenes {
            var run = try PayloadRun(scene)
            #expect(run.decodeAll() >= run.messages, "\(scene.name)")
        }
        let report = try PayloadBench.run(seconds: 0)
        #expect(report.lines.map(\.name) == scenes.map(\.name))
        for line in report.lines { #expect(line.nanoseconds > 0 && line.bytes > 0 && line.readings >= 1) }
    }

    /// Those that `make test` builds beside the released binary: an unoptimized build allocates where the released one does
    /// not.
    @Test("A decoder that has seen the like of a payload allocates nothing")
    func allocations() throws {
        let binary = try #require(
            getenv("OUTPOST_BINARY").map { String(cString: $0) }, "OUTPOST_BINARY says nothing: run `make test`")
        let directory = TemporaryDirectory()
        let output = open(directory.path + "/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(output) }
        let directories = binary.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let counter = directories.joined(separator: "/") + "/allocation-count"
        let outcome = try ChildProcess(counter, [], output: output).wait()
        #expect(outcome.status == 0)
        let lines = String(decoding: try Files.read(directory.path + "/out"), as: UTF8.self).split(separator: "\n")
        let alarms = AlarmRun.all.count + DetectorRun.all.count + ModelRun.all.count
        #expect(lines.count == (try PayloadScenes.all().count + alarms))
        for line in lines { #expect(line.hasPrefix("0\t"), "\(line)") }
    }
}
