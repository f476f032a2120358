import Glibc
import Journal
import Platform
import Readings
import TestSupport
import Testing

/// The released extension; `make test` builds it and says where.
let extensionPath: String = {
    guard let path = getenv("OUTPOST_EXTENSION").map({ String(cString: $0) }) else {
        fatalError("OUTPOST_EXTENSION does not say where the extension is: run `make test`")
    }
    return path
}()

/// What a program prints, its errors included.
func output(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let directory = TemporaryDirectory()
    let file = open(directory.path + "/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    defer { close(file) }
    let path = try #require(
        program.hasPrefix("/") ? program : ChildProcess.find(program), "\(program) is not installed")
    // The shell sends errors the way of the output.
    let words = ["env"] + environment.map { "\($0.key)=\($0.value)" } + [path] + arguments
    let command = words.map {
        "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
    _ = try ChildProcess("/bin/sh", ["-c", command.joined(separator: " ") + " 2>&1"], output: file).wait()
    return String(decoding: try Files.read(directory.path + "/out"), as: UTF8.self)
}

/// A data directory with some readings in its journal, whose gateway may still be running.
final class Store: Sendable {
    let directory = TemporaryDirectory()
    private let journal: Journal
    private let catalogue = SeriesCatalogue(limit: 10)

    init() throws {
        let options = JournalOptions(directory: directory.path, durability: .process, commitEvery: .milliseconds(5))
        journal = Journal(options, catalogue: catalogue, surroundings: Scene().surroundings)
        try journal.start()
        guard try journal.waitUntilOpen(deadline: Clocks.farAway) else { fatalError("the journal does not open") }
    }

    /// Readings of one series, whose values are their times.
    func add(_ name: String, _ times: Range<Int64>) throws {
        let definition = SeriesDefinition(name: SeriesName(path: name), unit: "bar")
        guard case .known(let id) = catalogue.resolve(definition) else { fatalError("the catalogue is full") }
        var batch = ReadingBatch()
        for time in times {
            batch.append(Reading(series: id, time: Timestamp(microseconds: time), value: .number(Double(time))))
        }
        let ticket = try #require(journal.submit(batch))
        #expect(eventually { journal.committed >= ticket })
    }

    func stop() { #expect(journal.stop(deadline: Clocks.farAway)) }
}
