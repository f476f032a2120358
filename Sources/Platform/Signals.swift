import CLinux
import Glibc

/// Signals arrive on the thread that asks for them, and nowhere else.
public enum Signals {
    public enum Signal: Sendable { case stop, reload }

    /// To be called first, before any thread is started: threads inherit the mask.
    public static func block() {
        var set = handled()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next signal; nil when none came in time.
    public static func wait(for duration: Duration) -> Signal? {
        var set = handled()
        var time = timespec(
            tv_sec: Int(duration.nanoseconds / 1_000_000_000), tv_nsec: Int(duration.nanoseconds % 1_000_000_000))
        switch sigtimedwait(&set, nil, &time) {
        case SIGTERM, SIGINT: return .stop
        case SIGHUP: return .reload
        default: return nil
        }
    }

    private static func handled() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
