import Platform

/// How a damaged file makes room for the one that was saved from it, by renames alone. Killed at any moment it is
/// completed, or done again, at the next start.
public struct DamagedDatabase {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// Where the new file is made.
    public var unfinishedPath: String { path + ".rescue" }
    private var finishedPath: String { path + ".rescued" }

    /// Takes away what an earlier try has left.
    public func removeUnfinished() throws(SystemError) {
        for suffix in ["", "-wal", "-shm"] where Files.exists(unfinishedPath + suffix) {
            try Files.remove(unfinishedPath + suffix)
        }
    }

    /// The new file is whole: from here on only renames are left. Returns what the damaged one is called now.
    public func replace(at stamp: String) throws(SystemError) -> String {
        try Files.rename(unfinishedPath, to: finishedPath)
        return try setAside(at: stamp)
    }

    public func finishInterrupted(at stamp: String) throws(SystemError) {
        if Files.exists(finishedPath) { _ = try setAside(at: stamp) }
    }

    /// The damaged files get new names, and a new one that waits for it takes their place. `stamp` is the wall time as
    /// RFC 3339.
    public func setAside(at stamp: String) throws(SystemError) -> String {
        let base = "\(path).damaged-\(stamp.prefix(19).filter { $0 != "-" && $0 != ":" })Z"
        let aside = ([base] + (2...99).map { "\(base)-\($0)" }).first { !Files.exists($0) } ?? base
        // The log first: left behind, it would be taken for the new file's.
        for suffix in ["-wal", ""] where Files.exists(path + suffix) {
            try Files.rename(path + suffix, to: aside + suffix)
        }
        // Of use to running connections alone.
        if Files.exists(path + "-shm") { try Files.remove(path + "-shm") }
        if Files.exists(finishedPath) { try Files.rename(finishedPath, to: path) }
        return aside
    }
}
