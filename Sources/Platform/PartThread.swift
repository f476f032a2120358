/// The life of a part that has a thread of its own: started once, asked to stop, and waited for.
public final class PartThread: Sendable {
    /// The name of the part.
    public let name: String
    /// Called when it is to stop, too.
    public let wake: WakeUp
    private let parts: Parts
    private let life = Monitor<(isStopping: Bool, isOver: Bool)>((false, false))

    public init(_ name: String, _ parts: Parts) throws(SystemError) {
        self.name = name
        self.parts = parts
        wake = try WakeUp()
    }

    public var isStopping: Bool { life.withLock { $0.isStopping } }

    /// `thread` is what the kernel knows it by; `run` comes to its end soon after `isStopping`.
    public func start(thread: String, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
        parts.report(name, .starting)
        _ = try DedicatedThread(thread) { [self] in
            run()
            parts.report(name, .stopped)
            life.withLock { $0.isOver = true }
            life.notify()
        }
    }

    /// Asks the thread to come to its end; `waitUntilStopped` tells when it has.
    public func stop() {
        life.withLock { $0.isStopping = true }
        life.notify()
        wake.call()
    }

    /// False when it has not ended by the deadline: it may hang in a connect that nobody answers.
    public func waitUntilStopped(deadline: MonotonicTime) -> Bool {
        life.wait(until: deadline) { !$0.isOver }
    }
}
