import CLinux
import Glibc

/// The file system, as far as a gateway needs it.
public enum Files {
    /// All of a file; one of more than `limit` bytes is an error of EFBIG.
    public static func read(_ path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
        let descriptor = try retrying("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var about = stat()
        try retrying("read", path) { fstat(descriptor, &about) }
        guard about.st_mode & S_IFMT != S_IFDIR else { throw SystemError("read", path, code: EISDIR) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try retrying("read", path) { Glibc.read(descriptor, &chunk, chunk.count) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw SystemError("read", path, code: EFBIG) }
            bytes += chunk[..<count]
        }
    }

    /// The first bytes of a file, as many as there are.
    public static func head(_ path: String, count: Int) throws(SystemError) -> [UInt8] {
        let descriptor = try retrying("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = try retrying("read", path) { Glibc.read(descriptor, &bytes, count) }
        return Array(bytes[..<filled])
    }

    /// Replaces the file in one step, and only once the new contents are on the disk.
    public static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(SystemError) {
        let temporary = path + ".new"
        do throws(SystemError) {
            try writeInPlace(bytes, to: temporary, mode: mode)
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func writeInPlace(_ bytes: [UInt8], to path: String, mode: mode_t) throws(SystemError) {
        let descriptor = try retrying("write", path) { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            written += try retrying("write", path) {
                bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
        }
        try retrying("sync", path) { fdatasync(descriptor) }
    }

    /// The names in a directory, unsorted.
    public static func list(_ directory: String) throws(SystemError) -> [String] {
        guard let handle = opendir(directory) else { throw SystemError("read", directory) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    public static func createDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o750) == 0 { return }
        let code = errno
        if code == EEXIST, isDirectory(path) { return }
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError("create", path, code: code)
        }
        try createDirectory(String(path[..<slash]))
        if mkdir(path, 0o750) != 0 && errno != EEXIST { throw SystemError("create", path) }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var about = stat()
        return stat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFDIR
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func size(_ path: String) -> Int? {
        var about = stat()
        return stat(path, &about) == 0 ? Int(about.st_size) : nil
    }

    /// Which file a path leads to: another one after it was replaced by a rename.
    public static func identity(_ path: String) -> [UInt]? {
        var about = stat()
        return stat(path, &about) == 0 ? [UInt(about.st_dev), UInt(about.st_ino)] : nil
    }

    /// The bytes of the disk that a path is on: all, and those that this process may still use.
    public static func space(_ path: String) -> (all: Int, free: Int)? {
        var about = statvfs()
        guard statvfs(path, &about) == 0 else { return nil }
        return (Int(about.f_blocks) * Int(about.f_frsize), Int(about.f_bavail) * Int(about.f_frsize))
    }

    public static func isReadableByOthers(_ path: String) -> Bool {
        var about = stat()
        return stat(path, &about) == 0 && about.st_mode & 0o004 != 0
    }

    public static func rename(_ path: String, to target: String) throws(SystemError) {
        try retrying("rename", path) { Glibc.rename(path, target) }
        try syncDirectory(of: target)
    }

    public static func remove(_ path: String) throws(SystemError) {
        try retrying("remove", path) { unlink(path) }
    }

    /// A directory that is gone with everything in it; for demos, benchmarks and tests. Links are not followed.
    public static func removeTree(_ path: String) {
        var about = stat()
        guard lstat(path, &about) == 0, about.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in (try? list(path)) ?? [] { removeTree(path + "/" + name) }
        rmdir(path)
    }

    /// A new empty directory under TMPDIR.
    public static func temporaryDirectory(_ purpose: String) throws(SystemError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/outpost-\(purpose)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("create a directory in", parent) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func syncDirectory(of path: String) throws(SystemError) {
        let slash = path.lastIndex(of: "/")
        let directory = slash == path.startIndex ? "/" : slash.map { String(path[..<$0]) } ?? "."
        let descriptor = try retrying("open", directory) { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        try retrying("sync", directory) { fsync(descriptor) }
    }
}

/// Says that a data directory is in use, for as long as this lives; the kernel lets go of it whatever happens.
///
/// The directory itself is locked, which works on a disk that is full or read-only too.
public final class DirectoryLock: Sendable {
    public enum Refusal: Error {
        case heldBy(process: Int32?)
        case failed(SystemError)
    }

    private let descriptor: Int32

    public init(_ directory: String) throws(Refusal) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(SystemError("open", directory)) }
        let note = directory + "/outpost.pid"
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .failed(SystemError("lock", directory, code: code)) }
            let holder = (try? Files.read(note, limit: 64)).flatMap { bytes in
                Int32(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self))
            }
            throw .heldBy(process: holder)
        }
        self.descriptor = descriptor
        // Only told to people: whether it can be written does not matter to the lock.
        try? Files.write(Array("\(getpid())\n".utf8), to: note)
    }

    deinit {
        // A child that is being made just now has it too, until it runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
