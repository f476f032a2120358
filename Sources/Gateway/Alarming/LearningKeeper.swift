import Alarms
import Glibc
import Platform

/// Keeps on the disk what the detectors of the alarms have learnt, and says how far they are. On a thread of its own: no
/// alarm waits for a disk.
final class LearningKeeper: Sendable {
    private static let name = "anomalies"
    private static let fileName = "anomalies.state"
    private static let mostBytes = 256 << 20
    private static let usualInterval = 300
    /// Of all that is written: a card wears out.
    private static let mostBytesADay = 200_000_000
    private static let showEvery: Duration = .seconds(5)
    /// The first readings of a detector raise nothing.
    private static let silentReadings: Int64 = 100

    private let path: String
    private let board: AlarmBoard
    private let surroundings: Surroundings
    private let thread: PartThread

    init(_ board: AlarmBoard, directory: String, surroundings: Surroundings) throws(SystemError) {
        path = directory + "/" + Self.fileName
        self.board = board
        self.surroundings = surroundings
        thread = try PartThread(Self.name, surroundings.parts)
    }

    /// What was saved, as far as the rules have use for it. What cannot be read is put aside, and learning begins anew.
    static func load(_ directory: String, for rules: [AlarmRule], log: Log) -> [Learned] {
        let path = directory + "/" + fileName
        guard Files.exists(path) else { return [] }
        let all: [Learned]
        do {
            all = try LearnedFile.read(try Files.read(path, limit: mostBytes))
        } catch {
            let aside = path + ".unreadable"
            log.error(name, "\(path): \(error); learning begins anew, and the file is kept as \(aside)")
            try? Files.rename(path, to: aside)
            return []
        }
        let useful = all.filter { learned in rules.contains { $0.hasUse(for: learned) } }
        if useful.count < all.count {
            log.info(
                name, "\(all.count - useful.count) of \(all.count) series that were learnt are no longer asked for")
        }
        return useful
    }

    func start() throws(SystemError) {
        try thread.start(thread: Self.name) { [self] in run() }
    }

    /// Once nothing is learnt any more: all of it is saved then.
    func stop() { thread.stop() }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }

    private func run() {
        var saved = readings
        var due = surroundings.clocks.monotonic() + .seconds(Self.usualInterval)
        while !thread.isStopping {
            surroundings.parts.report(Self.name, .running, summary)
            if surroundings.clocks.monotonic() >= due {
                due = surroundings.clocks.monotonic() + .seconds(save(&saved))
            }
            _ = pollDescriptors(
                [(thread.wake.descriptor, POLLIN)], until: surroundings.clocks.monotonic() + Self.showEvery)
        }
        _ = save(&saved)
    }

    /// What has been learnt, unless that is nothing. Returns when it is to be done again, in seconds.
    private func save(_ saved: inout Int64) -> Int {
        let now = readings
        guard now != saved else { return Self.usualInterval }
        let bytes = LearnedFile.bytes(of: board.learned())
        do throws(SystemError) {
            try Files.write(bytes, to: path)
            saved = now
        } catch {
            surroundings.log.warning(
                Self.name, repeats: "save",
                "what was learnt is not saved, which costs only what a restart forgets: \(error)")
        }
        return max(Self.usualInterval, bytes.count * 86_400 / Self.mostBytesADay)
    }

    private var readings: Int64 { board.learning().reduce(0) { $0 + $1.readings } }

    /// In a line for people.
    private var summary: String {
        let all = board.learning()
        let young = all.filter { $0.readings < Self.silentReadings }.sorted { $0.readings < $1.readings }
        guard !all.isEmpty else { return "no series yet" }
        let known = "\(all.count) series"
        guard !young.isEmpty else { return "\(known), all of them learnt enough to be heard" }
        let furthest = young.prefix(3).map { "\($0.key.series) \($0.readings) of \(Self.silentReadings)" }
        return "\(known), \(young.count) still learn in silence: \(furthest.joined(separator: ", "))"
            + (young.count > 3 ? " ..." : "")
    }
}
