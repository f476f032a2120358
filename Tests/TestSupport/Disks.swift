import FaultyDisk
import Synchronization

/// A disk that fails when it is told to, for what is opened with its name. It is one for the whole process: tests take
/// turns with it.
public struct DiskFaults: Sendable {
    public static let name = "faulty"
    private static let turn = Mutex(())

    public static func use<Result>(_ body: (DiskFaults) throws -> Result) rethrows -> Result {
        faulty_disk_register()
        return try turn.withLock { _ in
            defer { faulty_disk_set(FAULTY_DISK_WORKS, 0) }
            return try body(DiskFaults())
        }
    }

    public func works() { faulty_disk_set(FAULTY_DISK_WORKS, 0) }
    public func fill(at operation: Int = 0) { faulty_disk_set(FAULTY_DISK_IS_FULL, operation) }
    public func failsOnce(at operation: Int) { faulty_disk_set(FAULTY_DISK_FAILS_ONCE, operation) }
    public func tearsAndDies(at operation: Int) { faulty_disk_set(FAULTY_DISK_TEARS_AND_DIES, operation) }
    public var operations: Int { faulty_disk_operations() }
}

/// A disk that remembers what was written and synced in which order. One for the whole process, too.
public struct DiskRecording: Sendable {
    public static let name = "recording"
    private static let turn = Mutex(())

    /// What was opened in here is to be closed in here.
    public static func use<Result>(_ body: (DiskRecording) throws -> Result) rethrows -> Result {
        recording_disk_register()
        return try turn.withLock { _ in
            defer { recording_disk_clear() }
            return try body(DiskRecording())
        }
    }

    /// How many operations there were so far.
    public var position: Int { recording_disk_position() }

    /// A directory as a power cut after so many operations may leave it; the seed says what is lost.
    public func cut(after operations: Int, seed: UInt64) -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        guard recording_disk_cut(operations, seed, directory.path) == 0 else { fatalError("nothing can be written") }
        return directory
    }
}
