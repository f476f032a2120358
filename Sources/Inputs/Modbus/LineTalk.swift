import Glibc
import Modbus
import Platform
import Polling
import Settings

/// One request after the other on one line, and the care that it takes to believe what comes back.
///
/// Over TCP each request has a number that its answer repeats. A serial line has none: after a time-out the next answer of
/// that unit is not believed, nor any other before the line has been silent behind one for as long as the device may take.
/// Answers that are late come as far apart as their requests went: the silence is longer than that.
struct LineTalk {
    private struct Doubt {
        /// The silence behind an answer that ends it.
        var quiet: Duration
        /// When the unit was last asked in vain; nil where it answered, and more than was asked for.
        var lastAsked: MonotonicTime?

        /// The silence that is needed behind the answer to a request that was sent then.
        func quiet(of device: ModbusDeviceSettings, asked: MonotonicTime) -> Duration {
            let margin = min(device.timeout, LineTalk.shortQuiet)
            guard let lastAsked, asked - lastAsked < max(device.timeout * 3, LineTalk.longestWay) else { return margin }
            return max(quiet, asked - lastAsked + margin)
        }
    }

    private let address: LineAddress
    private let surroundings: Surroundings
    private let metrics: LineMetrics
    private let wake: WakeUp
    private let isStopping: () -> Bool

    private var line: Line?
    private var transaction: UInt16 = 0
    /// When something last went over the line.
    private var lastActivity = MonotonicTime(nanoseconds: 0)
    private var opened = MonotonicTime(nanoseconds: 0)
    /// When the last request was sent.
    private var asked = MonotonicTime(nanoseconds: 0)
    /// Units whose next answer may be to an earlier request.
    private var doubts: [UInt8: Doubt] = [:]
    /// Time-outs in a row.
    private var silences = 0
    private var received: [UInt8] = []

    /// So many time-outs in a row make a new connection.
    private static let patience = 3
    /// An answer that comes twice does so at once.
    private static let shortQuiet: Duration = .milliseconds(200)
    /// Answers that take longer, and longer than three time-outs, are not reckoned with: for each unit that comes back the
    /// others would have to wait for so long.
    private static let longestWay: Duration = .seconds(1)
    /// For a late answer not to meet the next request.
    private static let shortestQuiet: Duration = .milliseconds(20)
    /// Nothing that a line can hold is longer.
    private static let mostNoise = 65_536

    /// Asked to stop in the middle of something.
    struct Stopped: Error {}

    init(
        _ address: LineAddress, surroundings: Surroundings, metrics: LineMetrics, wake: WakeUp,
        isStopping: @escaping () -> Bool
    ) {
        self.address = address
        self.surroundings = surroundings
        self.metrics = metrics
        self.wake = wake
        self.isStopping = isStopping
    }

    var isOpen: Bool { line != nil }

    mutating func close() { line = nil }

    private var now: MonotonicTime { surroundings.clocks.monotonic() }

    // MARK: - Opening

    mutating func open(timeout: Duration) throws(LineError) {
        guard line == nil else { return }
        line = try Line(address, timeout: timeout)
        metrics.opened.add()
        opened = now
        lastActivity = opened
    }

    // MARK: - Asking

    /// Asks until there is an answer, or the device has been asked often enough.
    mutating func ask(_ request: ModbusRequest, of device: ModbusDeviceSettings) throws -> Result<Answer, PollFailure> {
        var failure = PollFailure.timeout
        for _ in 0...device.retries {
            do {
                return .success(try askOnce(request, of: device))
            } catch let error as PollFailure {
                failure = error
                if case .line = error { break }
            }
        }
        return .failure(failure)
    }

    private mutating func askOnce(_ request: ModbusRequest, of device: ModbusDeviceSettings) throws -> Answer {
        do {
            return try askOpen(request, of: device)
        } catch let error as LineError {
            // There are devices that close after each request: that is noticed only now, and no failure.
            line = nil
            // What was to be written may have been: that is looked at first.
            guard error.isHangUp, request.written == nil else { throw PollFailure.line("\(error)") }
            return try askAgain(request, of: device)
        }
    }

    private mutating func askAgain(_ request: ModbusRequest, of device: ModbusDeviceSettings) throws -> Answer {
        do {
            return try askOpen(request, of: device)
        } catch let error as LineError {
            line = nil
            throw PollFailure.line("\(error)")
        }
    }

    private mutating func askOpen(_ request: ModbusRequest, of device: ModbusDeviceSettings) throws -> Answer {
        if line == nil { try open(timeout: device.timeout) }
        if let doubt = doubts[request.unit] { try regainTrust(request, device, doubt) }
        return try exchange(request, device)
    }

    /// What answers now may be late, or doubled: it is not believed. If another answer comes behind it, the line is still
    /// out of step.
    private mutating func regainTrust(
        _ request: ModbusRequest, _ device: ModbusDeviceSettings, _ doubt: Doubt
    ) throws {
        // Nothing is written whose answer would not be believed.
        _ = try exchange(request.written.map { .read($0.place) } ?? request, device)
        if try fallSilent(quiet: doubt.quiet(of: device, asked: asked)) > 0 {
            metrics.garbage.add()
            throw PollFailure.garbage("answers that nobody waited for")
        }
        doubts[request.unit] = nil
    }

    private mutating func exchange(_ request: ModbusRequest, _ device: ModbusDeviceSettings) throws -> Answer {
        try prepare(device)
        guard let line else { throw PollFailure.line("it is closed") }
        transaction &+= 1
        var exchange = Exchange(request, framing: address.framing, transaction: transaction)
        asked = now
        try line.send(exchange.bytes)
        let deadline = asked + device.timeout
        while true {
            // Whoever sends without end is not waited for either.
            guard now < deadline, try wait(line, until: deadline) else { return try timedOut(request, device) }
            switch try progress(&exchange, line) {
            case .incomplete, .stray: continue
            case .answered(let answer):
                lastActivity = now
                silences = 0
                metrics.latency.record(lastActivity - asked)
                if exchange.skipped + exchange.leftovers > 0 { distrust(request, device, exchange) }
                return answer
            case .broken(let reason):
                metrics.garbage.add()
                if address.framing == .tcp { self.line = nil } else { try clear(request, device) }
                throw PollFailure.garbage(reason)
            }
        }
    }

    private mutating func progress(_ exchange: inout Exchange, _ line: Line) throws -> Exchange.Progress {
        received.removeAll(keepingCapacity: true)
        _ = try line.receive(into: &received)
        lastActivity = now
        var progress = exchange.take(received)
        while case .stray = progress {
            metrics.strays.add()
            progress = exchange.take(EmptyCollection())
        }
        return progress
    }

    /// On a serial line: an answer that did not come alone may not be the one that was asked for.
    private mutating func distrust(_ request: ModbusRequest, _ device: ModbusDeviceSettings, _ exchange: Exchange) {
        metrics.noise.add(exchange.skipped + exchange.leftovers)
        guard address.framing == .rtu, doubts[request.unit] == nil else { return }
        doubts[request.unit] = Doubt(quiet: min(device.timeout, Self.shortQuiet))
    }

    private mutating func timedOut(_ request: ModbusRequest, _ device: ModbusDeviceSettings) throws -> Answer {
        metrics.timeouts.add()
        silences += 1
        if address.framing == .rtu {
            try clear(request, device)
        } else if silences >= Self.patience {
            // A late answer is known by its number; but the connection itself may be dead.
            line = nil
        }
        throw PollFailure.timeout
    }

    /// Sees to it on a serial line that the next answer is one to the next request.
    private mutating func clear(_ request: ModbusRequest, _ device: ModbusDeviceSettings) throws {
        let quiet = doubts[request.unit]?.quiet(of: device, asked: asked) ?? device.timeout
        doubts[request.unit] = Doubt(quiet: quiet, lastAsked: asked)
        _ = try fallSilent(quiet: min(device.timeout, Self.shortestQuiet))
    }

    // MARK: - Silence

    /// Waits for the silence before a request, and throws away what came in it.
    private mutating func prepare(_ device: ModbusDeviceSettings) throws {
        let silence = max(device.pauseBetweenRequests, address.silence)
        let left = max(lastActivity + silence, opened + device.pauseAfterConnect) - now
        if left > .zero { try sleep(left) }
        guard address.framing == .rtu, let line else { return }
        received.removeAll(keepingCapacity: true)
        while received.count < Self.mostNoise, try line.receive(into: &received) {}
        guard !received.isEmpty else { return }
        metrics.noise.add(received.count)
        // Somebody speaks without being asked: it may be an answer that comes twice.
        _ = try fallSilent(quiet: min(device.timeout, Self.shortQuiet))
    }

    /// Throws away all that comes until nothing has come for a while; how many bytes that were.
    private mutating func fallSilent(quiet: Duration) throws -> Int {
        guard let line else { return 0 }
        let end = now + quiet * 5
        var count = 0
        while now < end {
            guard try wait(line, until: min(end, now + quiet)) else { break }
            received.removeAll(keepingCapacity: true)
            _ = try line.receive(into: &received)
            count += received.count
        }
        metrics.noise.add(count)
        line.flush()
        lastActivity = now
        return count
    }

    // MARK: - Waiting

    /// Whether something has come before the deadline.
    private func wait(_ line: Line, until deadline: MonotonicTime) throws -> Bool {
        while true {
            if isStopping() { throw Stopped() }
            let ready = pollDescriptors([(line.descriptor, POLLIN), (wake.descriptor, POLLIN)], until: deadline)
            if ready[1] != 0 { wake.answer() }
            // An adapter that is gone has something to read for ever, which is nothing.
            if address.isSerial, ready[0] & (POLLHUP | POLLERR) != 0 { throw line.gone }
            if ready[0] & POLLIN != 0 { return true }
            if ready[0] != 0 { throw line.gone }
            if now >= deadline { return false }
        }
    }

    /// For so long, or until something is due: that is asked at each call of `wake`.
    func sleep(_ duration: Duration, unless isDue: () -> Bool = { false }) throws {
        let end = now + duration
        while now < end, !isDue() {
            if isStopping() { throw Stopped() }
            if pollDescriptors([(wake.descriptor, POLLIN)], until: end)[0] != 0 { wake.answer() }
        }
    }
}

extension LineAddress {
    fileprivate var isSerial: Bool { if case .serial = self { true } else { false } }

    /// The silence that ends a frame on a serial line.
    fileprivate var silence: Duration {
        switch self {
        case .tcp: .zero
        case .rtuOverTCP: .milliseconds(5)
        case .serial(_, let format):
            format.baud > 19_200
                ? .microseconds(1750)
                : .nanoseconds(3_500_000_000 * Int64(format.bitsPerCharacter) / Int64(format.baud))
        }
    }
}
