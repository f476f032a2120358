import Gateway
import Glibc
import History
import Journal
import ModbusInput
import Platform
import Readings
import Settings

/// `outpost modbus write`: through the running gateway, whose lines they are, or by itself where none runs.
struct WriteCommand {
    private let settings: Settings
    private let request: WriteRequest
    private var directory: String { settings.gateway.data }

    init(_ arguments: Arguments) throws {
        let words = arguments.words
        guard let series = SeriesName(words[1]),
            let request = WriteRequest(series: series, value: words[2], by: arguments["--by"] ?? "")
        else { throw UsageError(message: "SERIES, VALUE and NAME hold no control characters, and a series has a name") }
        self.request = request
        settings = try arguments.loadSettings()
    }

    func run() throws -> Int32 {
        let outcome = try throughGateway() ?? alone()
        guard outcome.kind == .written else {
            throw CommandFailure("\(outcome)", status: outcome.kind == .refused ? 2 : 1)
        }
        StandardOutput.write("\(request.series) = \(request.value): written and read back\n")
        return 0
    }

    // MARK: - Through the gateway

    /// Nil where none runs.
    private func throughGateway() throws -> WriteOutcome? {
        do throws(SystemError) {
            let answer = try UnixSocket.ask(directory + "/" + Gateway.socketName, request.text)
            if let outcome = WriteOutcome(answer: answer) { return outcome }
            if answer.isEmpty { return WriteOutcome(.unknown, "the gateway has ended meanwhile") }
            return WriteOutcome(.notTried, "the gateway is of another version: restart it")
        } catch {
            switch error.code {
            case ENOENT, ECONNREFUSED: return nil
            case EAGAIN: return WriteOutcome(.unknown, "the gateway does not answer: the table audit will tell")
            default: throw error
            }
        }
    }

    // MARK: - Alone

    private func alone() throws -> WriteOutcome {
        // Held to the end: no gateway starts to use the line meanwhile.
        let lock = try lockDirectory()
        return try withExtendedLifetime(lock) {
            let surroundings = Surroundings(log: Log(level: .warning))
            let journal = lock == nil ? nil : openJournal(surroundings)
            if journal == nil { printError("there is no journal in \(directory) yet: this is recorded nowhere") }
            let outcome = try write(surroundings)
            if let journal { record(outcome, in: journal) }
            return outcome
        }
    }

    /// Nil where there is no directory.
    private func lockDirectory() throws -> DirectoryLock? {
        do throws(DirectoryLock.Refusal) { return try DirectoryLock(directory) } catch {
            switch error {
            case .heldBy(let process):
                throw CommandFailure(
                    "another process\(process.map { " (\($0))" } ?? "") works with \(directory), and does not answer")
            case .failed(let error):
                if error.code == ENOENT { return nil }
                throw error
            }
        }
    }

    private func write(_ surroundings: Surroundings) throws -> WriteOutcome {
        guard let line = settings.modbus.line(of: request.series) else {
            return settings.modbus.noPoint(request.series)
        }
        return try ModbusWriter.write(request.value, to: request.series, on: line, surroundings: surroundings)
    }

    /// One that is there already: a new one would belong to whoever runs this command, and not to the gateway.
    private func openJournal(_ surroundings: Surroundings) -> Journal? {
        guard (try? JournalReader(directory: directory)) != nil else { return nil }
        var options = JournalOptions(directory: directory, maxSize: .max)
        options.numberingAfter = History.sealed(in: directory)
        let journal = Journal(options, catalogue: SeriesCatalogue(limit: .max), surroundings: surroundings)
        let deadline = Clocks.system.monotonic() + .seconds(10)
        guard (try? journal.start()) != nil, (try? journal.waitUntilOpen(deadline: deadline)) == true else {
            return nil
        }
        return journal
    }

    private func record(_ outcome: WriteOutcome, in journal: Journal) {
        let by = WriteRequest.author(request.by, user: Users.name(of: Users.own))
        journal.submit(
            AuditEntry(
                time: Clocks.system.wall(), modbusWriteOf: request.value, to: request.series, by: by, outcome: outcome))
        if !journal.stop(deadline: Clocks.system.monotonic() + .seconds(10)) {
            printError("the disk did not take the row for the table audit")
        }
    }
}
