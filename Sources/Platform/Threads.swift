import CLinux
import Glibc

/// A thread of the operating system with a name and a small stack. Blocking C libraries get one each:
/// on the cooperative pool of a two-core machine they would stop everything else.
public final class DedicatedThread: @unchecked Sendable {
    // Sendable: the handle is written once, before `start` returns, and joined by one owner.
    private var handle = pthread_t()
    private var isJoined = false

    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts at once. The kernel keeps the first 15 bytes of the name.
    public init(_ name: String, stackBytes: Int = 256 * 1024, run: @escaping @Sendable () -> Void) throws(SystemError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        // The new thread owns this reference and releases it as its first act.
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        let code = pthread_create(&handle, &attributes, DedicatedThread.main, body.toOpaque())
        if code != 0 {
            body.release()
            isJoined = true  // there is none, and an object that threw is torn down all the same
            throw SystemError("start thread", name, code: code)
        }
    }

    /// Nobody waits for it: the system takes its stack back when it ends.
    deinit {
        if !isJoined { pthread_detach(handle) }
    }

    public func join() {
        pthread_join(handle, nil)
        isJoined = true
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        let body = Unmanaged<Body>.fromOpaque(context!).takeRetainedValue()
        outpost_name_thread(body.name)
        body.run()
        return nil
    }
}

/// A value behind a lock that threads can wait on until it changes.
public final class Monitor<State>: @unchecked Sendable {
    // Sendable: `state` is touched only with the mutex held.
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Wakes every waiter to look again.
    public func notify() {
        pthread_cond_broadcast(changed)
    }

    /// Waits while `hold` says so; it is asked at first, and after every `notify`. False when the time ran out.
    public func wait(until deadline: MonotonicTime?, while hold: (inout State) -> Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while hold(&state) {
            guard let deadline else {
                pthread_cond_wait(changed, mutex)
                continue
            }
            // Below zero the system would refuse at once, each time that it is asked.
            let nanoseconds = Int(max(0, deadline.nanoseconds))
            var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
            if pthread_cond_timedwait(changed, mutex, &time) == ETIMEDOUT { return !hold(&state) }
        }
        return true
    }
}

/// A descriptor that becomes readable when someone calls: the way to wake a thread that sleeps in `poll`.
public final class WakeUp: Sendable {
    public let descriptor: Int32

    public init() throws(SystemError) {
        descriptor = try retrying("create", "an event descriptor") { eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }
    }

    deinit { close(descriptor) }

    public func call() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Takes back all calls so far.
    public func answer() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}

/// Sleeps in `poll` until a descriptor is ready or the time is over.
/// Returns the ready events in the same order.
public func pollDescriptors(_ wanted: [(descriptor: Int32, events: Int32)], until deadline: MonotonicTime) -> [Int32] {
    var entries = wanted.map { pollfd(fd: $0.descriptor, events: Int16($0.events), revents: 0) }
    let left = deadline - Clocks.system.monotonic()
    // Rounded up, so that a deadline has passed when poll returns.
    let milliseconds = min(max(0, (left.nanoseconds + 999_999) / 1_000_000), Int64(Int32.max))
    let ready = poll(&entries, nfds_t(entries.count), Int32(milliseconds))
    return ready > 0 ? entries.map { Int32($0.revents) } : entries.map { _ in 0 }
}
