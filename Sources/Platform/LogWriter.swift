/// Lines to stderr by a thread of their own: a system's log that takes nothing, as on a card that fails, holds up nobody who
/// has something to say. Past `mostLines` what is new is left out, and counted.
public final class LogWriter: Sendable {
    static let mostLines = 1000

    private struct State {
        var lines: [String] = []
        var lost = 0
        var isBusy = false
        var isEnding = false
    }

    private let state = Monitor(State())
    private let put: @Sendable (String) -> Void

    public init(put: @escaping @Sendable (String) -> Void = Log.toStderr) throws(SystemError) {
        self.put = put
        _ = try DedicatedThread("log") { [state] in
            while let lines = Self.take(state) {
                put(lines.joined())
                state.withLock { $0.isBusy = false }
                state.notify()
            }
        }
    }

    /// Any thread; does not wait.
    public func write(_ line: String) {
        let wakes = state.withLock { state in
            guard state.lines.count < Self.mostLines else {
                state.lost += 1
                return false
            }
            state.lines.append(line)
            return state.lines.count == 1
        }
        if wakes { state.notify() }
    }

    /// Waits for what was written so far, and ends the thread.
    public func finish(within patience: Duration) {
        state.withLock { $0.isEnding = true }
        state.notify()
        _ = state.wait(until: Clocks.system.monotonic() + patience) { !$0.lines.isEmpty || $0.isBusy }
    }

    /// What waits, with what was lost before it; nil at the end.
    private static func take(_ state: Monitor<State>) -> [String]? {
        _ = state.wait(until: nil) { $0.lines.isEmpty && !$0.isEnding }
        return state.withLock { state in
            guard !state.lines.isEmpty else { return nil }
            defer { (state.lines, state.lost) = ([], 0) }
            state.isBusy = true
            return state.lines + (state.lost > 0 ? ["\(state.lost) lines of the log were left out here\n"] : [])
        }
    }
}
