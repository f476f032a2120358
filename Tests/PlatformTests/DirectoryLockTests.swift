import Glibc
import Platform
import TestSupport
import Testing

@Suite struct DirectoryLockTests {
    private let directory = TemporaryDirectory()

    private enum Holder: Equatable {
        case nobody, unknown
        case process(Int32)
    }

    /// Who has the lock; nobody when it could be had.
    private func holder() throws -> Holder {
        do throws(DirectoryLock.Refusal) {
            _ = try DirectoryLock(directory.path)
            return .nobody
        } catch {
            switch error {
            case .heldBy(let process): return process.map(Holder.process) ?? .unknown
            case .failed(let error): throw error
            }
        }
    }

    private func runFlock(_ arguments: String...) throws -> Int32 {
        try ChildProcess("/usr/bin/flock", ["--nonblock", directory.path] + arguments).wait().status
    }

    @Test func aSecondHolderIsToldWhoTheFirstIs() throws {
        let lock = try DirectoryLock(directory.path)
        #expect(try holder() == .process(getpid()))
        #expect(try runFlock("/bin/true") == 1)
        withExtendedLifetime(lock) {}
    }

    @Test func afterItsReleaseItIsFree() throws {
        do { _ = try DirectoryLock(directory.path) }
        #expect(try holder() == .nobody)
        #expect(try runFlock("/bin/true") == 0)
    }

    @Test func anotherProcessHoldsItUntilItDies() throws {
        let output = directory.path + "/output"
        let descriptor = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let script = "echo held; exec sleep 1000"
        let other = try ChildProcess(
            "/usr/bin/flock", ["--no-fork", directory.path, "/bin/sh", "-c", script], output: descriptor)
        #expect(eventually { Files.size(output) == 5 })
        // It is no gateway and has left no note of who it is.
        #expect(try holder() == .unknown)
        #expect(other.stop(signal: SIGKILL).status == 128 + SIGKILL)
        #expect(try holder() == .nobody)
    }

    @Test func aNoteThatIsNoNumberIsNobody() throws {
        let lock = try DirectoryLock(directory.path)
        try Files.write(Array("gateway\n".utf8), to: directory.path + "/outpost.pid")
        #expect(try holder() == .unknown)
        withExtendedLifetime(lock) {}
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        let missing = directory.path + "/missing"
        let refusal = #expect(throws: DirectoryLock.Refusal.self) { try DirectoryLock(missing) }
        guard case .failed(let error) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(error == SystemError("open", missing, code: ENOENT))
    }

    /// A child must not go on holding what its parent has let go of.
    @Test func childrenDoNotInheritIt() throws {
        var lock: DirectoryLock? = try DirectoryLock(directory.path)
        let child = try ChildProcess("/bin/sleep", ["1000"])
        #expect(lock != nil)
        lock = nil
        // A child that another test starts just now has all descriptors until it becomes its program.
        #expect(try eventually { try holder() == .nobody })
        #expect(child.isRunning)
    }
}
