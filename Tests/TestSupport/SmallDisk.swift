import Glibc
import Platform

/// A file system in memory that a test can fill. Mounting it takes root.
public final class SmallDisk: Sendable {
    public static let canBeMounted = (try? SmallDisk(megabytes: 1)) != nil

    public let directory: TemporaryDirectory

    public var path: String { directory.path }

    public init(megabytes: Int) throws {
        directory = TemporaryDirectory()
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", directory.path)
    }

    deinit { try? Self.run("umount", "-l", path) }

    /// Leaves so many bytes.
    public func fill(leaving bytes: Int = 0) throws {
        try Self.run("sh", "-c", "dd if=/dev/zero of=\(path)/ballast bs=4k 2>/dev/null; true")
        guard bytes > 0, let size = Files.size(path + "/ballast") else { return }
        truncate(path + "/ballast", max(0, size - bytes))
    }

    public func free() { unlink(path + "/ballast") }

    public func remount(_ option: String) throws { try Self.run("mount", "-o", "remount,\(option)", path) }

    private static func run(_ program: String, _ arguments: String...) throws {
        let paths = ["/bin/\(program)", "/sbin/\(program)"]
        guard let found = ChildProcess.find(program) ?? paths.first(where: Files.exists) else {
            throw SystemError("find", program, code: ENOENT)
        }
        let outcome = try ChildProcess(found, arguments).wait()
        guard outcome.status == 0 else { throw SystemError(program, arguments.last ?? "", code: EPERM) }
    }
}
