import Exchange
import Gateway
import Glibc
import History
import Journal
import Platform
import Readings
import Settings

enum ImportCommand: Command {
    static let name = "import"
    static let summary = "stores readings from CSV or line protocol while no gateway runs"
    static let usage = """
        [--data DIR | --config FILE] [--format csv|line] FILE

          --format   what the file holds; found out when not said
          FILE       "-" is the standard input. A reading whose time is stored already takes its place.
        """
    static let options = ArgumentRules(values: ["--data", "--config", "--format"], words: 1...1)

    private static let chunkBytes = 256 * 1024
    private static let batchRows = 10_000
    private static let mostProblems = 20

    static func run(_ arguments: Arguments) throws -> Int32 {
        Signals.block()
        let path = arguments.words[0]
        let input = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw SystemError("open", path) }
        let target = try Target(arguments)
        var chunk = try read(input, path)
        var parser = ReadingsParser(
            try arguments.word("--format", [ExchangeFormat.csv, .line]) ?? ExchangeFormat.guess(fromHead: chunk))
        var problems = 0
        var isStopped = false
        var progress = ProgressLine()
        repeat {
            parser.feed(chunk.span, isLast: chunk.isEmpty) {
                target.append($0)
            } problem: { problem in
                problems += 1
                if problems <= mostProblems { printError("\(path):\(problem.line): \(problem.message)") }
            }
            if chunk.isEmpty { break }
            progress.show(target.count, of: "readings")
            isStopped = Signals.wait(for: .zero) == .stop
            chunk = try read(input, path)
        } while !isStopped
        progress.end()
        let stored = try target.finish()
        if problems > mostProblems { printError("and \(problems - mostProblems) more problems") }
        let refused = target.refused > 0 ? ", \(target.refused) refused because max_series is reached" : ""
        StandardOutput.write(
            "\(stored) readings of \(target.seriesCount) series imported\(refused), \(problems) lines not understood"
                + "\(isStopped ? "; stopped before the end" : "")\n")
        return problems == 0 && target.refused == 0 && !isStopped ? 0 : 1
    }

    private static func read(_ input: Int32, _ path: String) throws -> [UInt8] {
        while true {
            var failure: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: chunkBytes) { buffer, count in
                let result = Glibc.read(input, buffer.baseAddress, chunkBytes)
                if result < 0 { failure = errno }
                count = max(0, result)
            }
            if failure == 0 { return chunk }
            if failure != EINTR { throw SystemError("read", path, code: failure) }
        }
    }

    /// The journal that the readings go to, a batch at a time.
    private final class Target {
        private(set) var refused = 0
        private var seen: [SeriesName: SeriesID?] = [:]
        private var batch = ReadingBatch()
        private var stored = 0
        private let lock: DirectoryLock
        private let catalogue: SeriesCatalogue
        private let journal: Journal
        private let history: History
        private let clocks = Clocks.system

        init(_ arguments: Arguments) throws {
            let settings = arguments["--data"] == nil ? try arguments.loadSettings() : nil
            let directory = try settings?.gateway.data ?? arguments.dataDirectory()
            try Files.createDirectory(directory)
            do throws(DirectoryLock.Refusal) { lock = try DirectoryLock(directory) } catch {
                switch error {
                case .heldBy(let process):
                    throw CommandFailure(
                        "a gateway (process \(process.map(String.init) ?? "unknown")) works with \(directory): stop it first"
                    )
                case .failed(let error): throw error
                }
            }
            catalogue = SeriesCatalogue(limit: settings?.store.maxSeries ?? .max)
            let surroundings = Surroundings(log: Log(level: .warning))
            var options = JournalOptions(directory: directory)
            options.mostWaiting = 2 * ImportCommand.batchRows
            options.numberingAfter = History.sealed(in: directory)
            options.maxSize = settings?.store.maxSize ?? .max
            journal = Journal(options, catalogue: catalogue, surroundings: surroundings)
            history = History(
                try settings.map { HistoryOptions($0) } ?? HistoryOptions(asIn: directory), journal: journal,
                surroundings: surroundings)
            try journal.start()
            guard try journal.waitUntilOpen(deadline: clocks.monotonic() + .seconds(30)) else {
                throw CommandFailure("the store cannot be opened")
            }
            catalogue.restore(History.definitions(in: directory), isStored: false)
            try history.start()
        }

        var count: Int { stored + batch.count }
        var seriesCount: Int { seen.count { $0.value != nil } }

        func append(_ reading: NamedReading) {
            guard let id = series(reading.name) else {
                refused += 1
                return
            }
            let time = reading.time ?? Timestamp(microseconds: clocks.wall())
            batch.append(Reading(series: id, time: time, value: reading.value, quality: reading.quality))
            if batch.count >= ImportCommand.batchRows { submit() }
        }

        /// How many readings are durable; the rest could not be written.
        func finish() throws -> Int {
            submit()
            defer { _ = history.stop(deadline: clocks.monotonic() + .seconds(60)) }
            guard journal.stop(deadline: clocks.monotonic() + .seconds(60)), journal.committed >= lastTicket else {
                throw CommandFailure("the disk did not take everything: run the import again once it has room")
            }
            return stored
        }

        private var lastTicket: UInt64 = 0

        private func series(_ name: SeriesName) -> SeriesID? {
            if let known = seen[name] { return known }
            var id: SeriesID?
            if case .known(let found) = catalogue.resolve(catalogue.definition(named: name)) { id = found }
            seen[name] = id
            return id
        }

        private func submit() {
            guard !batch.isEmpty else { return }
            while true {
                if let ticket = journal.submit(batch) {
                    lastTicket = ticket
                    stored += batch.count
                    batch.removeAll()
                    return
                }
                _ = pollDescriptors([], until: clocks.monotonic() + .milliseconds(2))
            }
        }
    }
}
