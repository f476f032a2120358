import Alarms
import Platform

/// What came of one attempt.
enum ActionOutcome: Sendable, Hashable {
    case done
    /// Trying it again would not help.
    case failed(String)
    /// It may work later.
    case again(String)
    /// The gateway ends: it stays undone.
    case interrupted
}

/// How one kind of action is done. The worker calls `start` once, `expect` on the thread of whoever submits, and `run` on
/// threads of its own, of which there may be several.
protocol ActionRunner: Sendable {
    /// `hurry` may be called from any thread when what stood in the way is gone. Returns what is wrong already.
    func start(hurry: @escaping @Sendable () -> Void) -> String?
    /// Tells of a request before it waits for its turn; takes no time.
    func expect(_ request: ActionRequest)
    /// One attempt; comes back soon after `stop` says that it is over.
    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome
    /// Leaves what it moves as it is to be when nobody watches over it any more, from any thread and within two seconds.
    /// Returns why it could not.
    func takeFailsafe() -> String?
}

extension ActionRunner {
    func start(hurry: @escaping @Sendable () -> Void) -> String? { nil }
    func expect(_ request: ActionRequest) {}
    func takeFailsafe() -> String? { nil }
}
