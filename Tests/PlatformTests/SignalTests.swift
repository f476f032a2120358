import Glibc
import Platform
import TestSupport
import Testing

/// Whatever the process that runs the tests has blocked.
private func blockAnew() {
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    Signals.block()
}

/// Each in a process of its own: a signal is for the whole of it.
@Suite struct SignalTests {
    @Test func blockedSignalsWaitUntilSomeoneAsks() async {
        await #expect(processExitsWith: .success) {
            blockAnew()
            guard Signals.wait(for: .zero) == nil else { exit(1) }
            for (number, signal) in [(SIGTERM, Signals.Signal.stop), (SIGINT, .stop), (SIGHUP, .reload)] {
                raise(number)
                guard Signals.wait(for: .seconds(30)) == signal else { exit(number) }
            }
            exit(Signals.wait(for: .milliseconds(5)) == nil ? 0 : 2)
        }
    }

    @Test func aSignalEndsTheWaitingThreadsSleep() async {
        await #expect(processExitsWith: .success) {
            blockAnew()
            let waiter = pthread_self()
            guard (try? DedicatedThread("sender") { pthread_kill(waiter, SIGHUP) }) != nil else { exit(1) }
            exit(Signals.wait(for: .seconds(30)) == .reload ? 0 : 2)
        }
    }

    @Test func threadsStartedLaterAreNotInterrupted() async {
        await #expect(processExitsWith: .success) {
            blockAnew()
            let thread = try? DedicatedThread("worker") {
                var blocked = sigset_t()
                pthread_sigmask(SIG_BLOCK, nil, &blocked)
                for number in [SIGTERM, SIGINT, SIGHUP] where sigismember(&blocked, number) != 1 { exit(number) }
                exit(0)
            }
            thread?.join()
            exit(1)
        }
    }

    @Test func writingToNobodyIsAnErrorAndNotTheEnd() async {
        await #expect(processExitsWith: .success) {
            blockAnew()
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            close(ends[0])
            exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1)
        }
    }
}
