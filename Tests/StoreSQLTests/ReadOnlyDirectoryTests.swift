import Glibc
import Platform
import SQLite
import TestSupport
import Testing

/// A disk on which nothing can be written: only root can make one.
private struct ReadOnlyDisk {
    let path: String

    init?(_ path: String, files: [String: [UInt8]]) throws {
        self.path = path
        try Files.createDirectory(path)
        guard run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", path) else { return nil }
        for (name, bytes) in files { try Files.write(bytes, to: path + "/" + name) }
        guard run("mount", "-o", "remount,ro", path) else {
            unmount()
            return nil
        }
    }

    func unmount() { _ = run("umount", path) }

    static let canBeMade: Bool = {
        let directory = TemporaryDirectory()
        guard getuid() == 0, let disk = try? ReadOnlyDisk(directory.path + "/disk", files: [:]) else { return false }
        disk.unmount()
        return true
    }()
}

private func run(_ program: String, _ arguments: String...) -> Bool {
    guard let path = ChildProcess.find(program) else { return false }
    return (try? ChildProcess(path, arguments).wait().status) == 0
}

/// As the card of a gateway that is taken out, or a store that is looked at where it must not be touched.
@Suite(.enabled(if: ReadOnlyDisk.canBeMade)) struct ReadOnlyDirectoryTests {
    private func files(of bench: StoreBench, _ endings: String...) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for ending in endings {
            let name = "journal.db" + ending
            files[name] = try Files.read(bench.directory.path + "/" + name)
        }
        return files
    }

    private func checkReadable(_ files: [String: [UInt8]], named name: String = "disk") throws {
        let place = TemporaryDirectory()
        let disk = try #require(try ReadOnlyDisk(place.path + "/" + name, files: files))
        defer { disk.unmount() }
        #expect(throws: SystemError.self) { try Files.write([1], to: disk.path + "/other") }
        #expect(try ask(disk.path, "SELECT count(*), max(time) FROM readings") == [[.integer(1000), .integer(999)]])
    }

    private func filledBench() throws -> StoreBench {
        let bench = try StoreBench()
        #expect(bench.waitUntilCommitted(bench.submit("a", 0..<1000)))
        return bench
    }

    @Test(arguments: ["disk", "a?b#c%20 d&'é"]) func aClosedJournalIsReadable(name: String) throws {
        let bench = try filledBench()
        #expect(bench.stop())
        try checkReadable(files(of: bench, ""), named: name)
    }

    @Test func aJournalThatWasLookedAtIsReadable() throws {
        let bench = try filledBench()
        #expect(bench.stop())
        _ = try bench.ask("SELECT * FROM readings")
        try checkReadable(files(of: bench, "", "-wal", "-shm"))
        try checkReadable(files(of: bench, "", "-wal"))
    }

    @Test func aJournalThatWasNeverClosedIsReadable() throws {
        let bench = try filledBench()
        let files = try files(of: bench, "", "-wal", "-shm")
        #expect(files["journal.db-wal"]?.isEmpty == false)
        #expect(bench.stop())
        try checkReadable(files)
    }
}
