import FaultyDisk
import Synchronization

/// The faulty disk is one for the whole process: tests take turns with it.
struct DiskFaults {
    private static let turn = Mutex(())

    static func use<Result>(_ body: (DiskFaults) throws -> Result) rethrows -> Result {
        try turn.withLock { _ in
            defer { faulty_disk_set(FAULTY_DISK_WORKS, 0) }
            return try body(DiskFaults())
        }
    }

    func works() { faulty_disk_set(FAULTY_DISK_WORKS, 0) }
    func fill() { faulty_disk_set(FAULTY_DISK_IS_FULL, 0) }
    func failsOnce(at operation: Int) { faulty_disk_set(FAULTY_DISK_FAILS_ONCE, operation) }
    func tearsAndDies(at operation: Int) { faulty_disk_set(FAULTY_DISK_TEARS_AND_DIES, operation) }
    var operations: Int { faulty_disk_operations() }
}
