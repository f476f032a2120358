import Glibc
import Platform
import TestSupport
import Testing

@Suite struct DedicatedThreadTests {
    @Test func joinWaitsForItsEnd() throws {
        let (isReleased, isDone) = (Monitor(false), Monitor(false))
        let thread = try DedicatedThread("worker") {
            _ = isReleased.wait(until: Clocks.farAway) { !$0 }
            isDone.withLock { $0 = true }
        }
        #expect(!isDone.withLock { $0 })
        isReleased.withLock { $0 = true }
        isReleased.notify()
        thread.join()
        #expect(isDone.withLock { $0 })
    }

    @Test(arguments: [("outpost-journal", "outpost-journal"), ("mqtt a-long-name-of-a-plant", "mqtt a-long-nam")])
    func theKernelShowsItsName(name: String, shown: String) throws {
        let isReleased = Monitor(false)
        let thread = try DedicatedThread(name) { _ = isReleased.wait(until: Clocks.farAway) { !$0 } }
        #expect(try eventually { try namesOfThreads().contains(shown) })
        isReleased.withLock { $0 = true }
        isReleased.notify()
        thread.join()
        #expect(eventually { (try? namesOfThreads().contains(shown)) == false })
    }

    /// Threads of other tests may end while their names are read.
    private func namesOfThreads() throws -> [String] {
        try Files.list("/proc/self/task").compactMap { task in
            (try? Files.read("/proc/self/task/\(task)/comm")).map { String(decoding: $0.dropLast(), as: UTF8.self) }
        }
    }

    @Test func aStackThatCannotBeHadIsAnErrorWithTheName() {
        let error = #expect(throws: SystemError.self) { try DedicatedThread("huge", stackBytes: 1 << 46) {} }
        #expect(error?.description.hasPrefix("cannot start thread huge: ") == true)
    }
}

@Suite struct MonitorTests {
    @Test func waitingEndsWhenTheStateChanges() throws {
        let monitor = Monitor(0)
        let thread = try DedicatedThread("counter") {
            for _ in 0..<3 {
                monitor.withLock { $0 += 1 }
                monitor.notify()
            }
        }
        #expect(monitor.wait(until: nil) { $0 < 3 })
        thread.join()
        #expect(monitor.withLock { $0 } == 3)
    }

    @Test func whatIsSoAlreadyIsNotWaitedFor() {
        #expect(Monitor(1).wait(until: MonotonicTime(nanoseconds: 0)) { $0 == 0 })
    }

    @Test func theDeadlineEndsTheWaiting() {
        let deadline = Clocks.system.monotonic() + .milliseconds(20)
        #expect(!Monitor(0).wait(until: deadline) { $0 == 0 })
        #expect(Clocks.system.monotonic() >= deadline)
    }

    /// Some of them no clock has ever shown: nanoseconds below zero are nothing that the system understands.
    @Test(arguments: [Int64.min, -1_000_000_001, -1, 0, 1]) func aDeadlineLongAgoHasPassed(nanoseconds: Int64) throws {
        let isOver = Monitor(false)
        let thread = try DedicatedThread("waiter") {
            let isSo = Monitor(0).wait(until: MonotonicTime(nanoseconds: nanoseconds)) { $0 == 0 }
            isOver.withLock { $0 = !isSo }
            isOver.notify()
        }
        guard isOver.wait(until: Clocks.farAway, while: { !$0 }) else {
            Issue.record("it waits for ever")
            return
        }
        thread.join()
    }

    @Test func oneNotifyWakesEveryWaiter() throws {
        let monitor = Monitor((waiting: 0, isOpen: false))
        let opener = try DedicatedThread("opener") {
            // Every one of them has been asked, and so sleeps, before the door opens.
            _ = monitor.wait(until: Clocks.farAway) { $0.waiting < 4 }
            monitor.withLock { $0.isOpen = true }
            monitor.notify()
        }
        let passed = Metrics().counter("passed", "Passed.")
        try onThreads(4) { _ in
            monitor.withLock { $0.waiting += 1 }
            monitor.notify()
            // Who was not woken finds the door open only when its time is over.
            let deadline = Clocks.farAway
            _ = monitor.wait(until: deadline) { !$0.isOpen }
            if Clocks.system.monotonic() < deadline { passed.add() }
        }
        opener.join()
        #expect(passed.value == 4)
    }

    @Test func onlyOneThreadAtATimeIsInside() throws {
        let monitor = Monitor(0)
        try onThreads(4) { _ in
            for _ in 0..<5000 {
                monitor.withLock { count in
                    let before = count
                    count = before + 1
                }
            }
        }
        #expect(monitor.withLock { $0 } == 20_000)
    }

    @Test func anErrorLeavesTheLockOpen() {
        let monitor = Monitor(0)
        #expect(throws: SystemError.self) {
            try monitor.withLock { _ throws(SystemError) in throw SystemError("do", "it", code: EIO) }
        }
        #expect(monitor.withLock { $0 } == 0)
    }
}

@Suite struct PollTests {
    private static let past = MonotonicTime(nanoseconds: 0)

    @Test func allCallsAreAnsweredAtOnce() throws {
        let wake = try WakeUp()
        #expect(pollDescriptors([(wake.descriptor, POLLIN)], until: Self.past) == [0])
        for _ in 0..<3 { wake.call() }
        #expect(pollDescriptors([(wake.descriptor, POLLIN)], until: Self.past) == [POLLIN])
        wake.answer()
        #expect(pollDescriptors([(wake.descriptor, POLLIN)], until: Self.past) == [0])
        // Nobody has called: it does not wait for one who does.
        wake.answer()
    }

    @Test func anotherThreadWakesTheSleeper() throws {
        let wake = try WakeUp()
        let thread = try DedicatedThread("caller") { wake.call() }
        #expect(pollDescriptors([(wake.descriptor, POLLIN)], until: Clocks.farAway) == [POLLIN])
        thread.join()
    }

    @Test func eventsComeInTheOrderAskedFor() throws {
        let (silent, called) = (try WakeUp(), try WakeUp())
        called.call()
        let events = pollDescriptors(
            [(silent.descriptor, POLLIN), (called.descriptor, POLLIN), (silent.descriptor, POLLOUT)],
            until: Clocks.farAway)
        #expect(events == [0, POLLIN, POLLOUT])
    }

    @Test(arguments: [1, 999_999, 1_000_000, 1_000_001, 20_000_000]) func theDeadlineHasPassed(nanoseconds: Int64) {
        let deadline = Clocks.system.monotonic() + .nanoseconds(nanoseconds)
        #expect(pollDescriptors([], until: deadline).isEmpty)
        #expect(Clocks.system.monotonic() >= deadline)
    }

    /// Longer than poll can count: 2^31 milliseconds are 25 days.
    @Test func aDeadlineYearsAwayIsNoMistake() throws {
        let wake = try WakeUp()
        wake.call()
        for deadline in [MonotonicTime(nanoseconds: .max), Clocks.system.monotonic() + .seconds(100_000_000)] {
            #expect(pollDescriptors([(wake.descriptor, POLLIN)], until: deadline) == [POLLIN])
        }
    }
}
