import Journal
import Platform
import SQLite

/// A consistent copy of a store, also of one that a gateway is writing: a tar archive with both databases.
public enum StoreBackup {
    /// Writes `target`, which appears under its name only when it is whole. `progress` gets the bytes copied.
    public static func write(
        _ directory: String, to target: String, clocks: Clocks, progress: @escaping (Int) -> Void
    ) throws {
        let (partial, copy) = (target + ".partial", target + ".database")
        defer { for path in [partial, copy] where Files.exists(path) { try? Files.remove(path) } }
        if Files.exists(copy) { try Files.remove(copy) }
        let journal = try JournalReader(directory: directory)
        let history = try HistoryReading(directory: directory)
        // The journal's moment first: what leaves it later is in the history that is copied, too.
        try journal.hold()
        defer { journal.release() }
        try history?.hold()
        defer { history?.release() }
        let archive = try TarWriter(partial)
        let seconds = clocks.wall() / 1_000_000
        var done = 0
        try journal.copy(to: copy) { progress($0 * JournalReader.pageBytes) }
        done = Files.size(copy) ?? 0
        try archive.add(copy, as: JournalSchema.fileName, modified: seconds)
        try Files.remove(copy)
        if let history {
            try history.connection.copy(to: copy) { progress(done + $0 * HistoryFile.pageBytes) }
            try archive.add(copy, as: HistorySchema.fileName, modified: seconds)
        }
        try archive.finish()
        try Files.rename(partial, to: target)
    }
}
