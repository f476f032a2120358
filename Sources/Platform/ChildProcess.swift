import CLinux
import Glibc

/// A program that lives no longer than the thread that started it. Its input is empty.
public final class ChildProcess {
    public struct Outcome: Sendable {
        /// The exit status, or 128 and the signal that ended it.
        public let status: Int32
        /// User and system time.
        public let processorTime: Duration
    }

    public let id: Int32
    private let path: String
    private var outcome: Outcome?

    /// Its output goes to `output`, or nowhere.
    public init(_ path: String, _ arguments: [String], output: Int32? = nil) throws(SystemError) {
        self.path = path
        var words = ([path] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(nowhere) }
        let id = outpost_spawn(path, words, output ?? nowhere)
        guard id > 0 else { throw SystemError("start", path) }
        self.id = id
    }

    deinit {
        if outcome == nil { _ = stop(signal: SIGKILL) }
    }

    public var isRunning: Bool {
        guard outcome == nil else { return false }
        collect(WNOHANG)
        return outcome == nil
    }

    public func send(signal: Int32) {
        if outcome == nil { kill(id, signal) }
    }

    /// Ends it with a signal and waits.
    public func stop(signal: Int32 = SIGTERM) -> Outcome {
        send(signal: signal)
        return wait()
    }

    /// Waits for its end.
    public func wait() -> Outcome {
        while outcome == nil { collect(0) }
        return outcome!
    }

    private func collect(_ options: Int32) {
        var status: Int32 = 0
        var usage = rusage()
        let result = wait4(id, &status, options, &usage)
        if result == 0 || (result < 0 && errno == EINTR) { return }
        let signal = status & 0x7F
        func time(_ value: timeval) -> Duration { .seconds(value.tv_sec) + .microseconds(Int64(value.tv_usec)) }
        outcome = Outcome(
            status: result < 0 ? 127 : signal != 0 ? 128 + signal : (status >> 8) & 0xFF,
            processorTime: time(usage.ru_utime) + time(usage.ru_stime))
    }

    /// Where a program is, by PATH and where Debian puts servers.
    public static func find(_ program: String) -> String? {
        let paths = getenv("PATH").map { String(cString: $0) } ?? ""
        return (paths.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]).map { $0 + "/" + program }
            .first { access($0, X_OK) == 0 }
    }
}

/// Memory that a small machine would rather keep.
public enum Memory {
    /// One arena for all threads: each further one holds on to megabytes.
    public static func keepSmall() { mallopt(M_ARENA_MAX, 1) }

    /// Gives back what the start has left over.
    public static func trim() { malloc_trim(0) }
}
