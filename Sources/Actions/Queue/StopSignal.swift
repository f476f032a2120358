import Platform
import Synchronization

/// Says that the gateway ends: what runs has a moment to come to its own end.
final class StopSignal: Sendable {
    static let moment: Duration = .seconds(1)

    /// Becomes readable, and stays so: nobody answers it.
    let wake: WakeUp
    private let end = Mutex<MonotonicTime?>(nil)

    init() throws(SystemError) { wake = try WakeUp() }

    func call(_ now: MonotonicTime) {
        end.withLock { $0 = $0 ?? now + Self.moment }
        wake.call()
    }

    /// The moment after which nothing goes on; nil while there is none.
    var deadline: MonotonicTime? { end.withLock { $0 } }

    func isOver(_ now: MonotonicTime) -> Bool { deadline.map { now >= $0 } ?? false }
}
