import Platform

/// Who is measured, alone in its process.
protocol Receiver {
    /// How many messages have come by now, the one that the broker kept included. Asked by any thread.
    var messages: Int { get }
    /// Comes back when everything that has come is dealt with.
    func stop() throws
}

/// What one round says of a receiver.
struct Measurement {
    var messages: Int
    var messagesPerSecond: Double
    /// Of the whole process, from its subscription to its end.
    var processorTime: Duration

    var words: [String] { ["\(messages)", "\(messagesPerSecond)", "\(processorTime.nanoseconds)"] }

    init(messages: Int, messagesPerSecond: Double, processorTime: Duration) {
        self.messages = messages
        self.messagesPerSecond = messagesPerSecond
        self.processorTime = processorTime
    }

    init?(_ words: [Substring]) {
        guard words.count == 3, let messages = Int(words[0]), let rate = Double(words[1]),
            let processorTime = Int64(words[2])
        else { return nil }
        self.init(messages: messages, messagesPerSecond: rate, processorTime: .nanoseconds(processorTime))
    }
}

extension Receiver {
    /// Measures until the process is asked to stop and nothing more comes. `subscribed` is called once messages may be
    /// published.
    func measure(subscribed: () -> Void) throws -> Measurement {
        try waitForSubscription()
        let start = Clocks.processorTime()
        var meter = ArrivalMeter(messages, at: Clocks.system.monotonic())
        subscribed()
        watch(&meter)
        try stop()
        guard let rate = meter.rate else { throw BenchError("too few messages came to tell their rate") }
        return Measurement(
            messages: meter.arrived, messagesPerSecond: rate, processorTime: Clocks.processorTime() - start)
    }

    private func waitForSubscription() throws {
        let deadline = Clocks.system.monotonic() + .seconds(10)
        while messages == 0 {
            guard Clocks.system.monotonic() < deadline else { throw BenchError("the subscription does not come about") }
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(1))
        }
    }

    private func watch(_ meter: inout ArrivalMeter) {
        // The publisher is done by then; the broker may still have some of it in hand.
        let endsAfter: Duration = .milliseconds(250)
        var isStopping = false
        var now: MonotonicTime
        repeat {
            if Signals.wait(for: .milliseconds(5)) == .stop { isStopping = true }
            now = Clocks.system.monotonic()
            meter.see(messages, at: now)
        } while !isStopping || meter.silence(at: now) < endsAfter
    }
}
