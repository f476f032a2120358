import Demo
import Glibc
import Platform
import Synchronization
import TestSupport

/// A serial line at the far end of a radio link: each answer is on its way for a while, and others are behind it.
final class DistantDevice: Sendable {
    let port: Int
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var lateness: Duration
        var requests = 0
        var isOver = false
    }

    init(lateness: Duration) throws {
        state = Mutex(State(lateness: lateness))
        port = freePort()
        listener = try listenOnLoopback(port: port)
        _ = try DedicatedThread("distant") { [self] in serve() }
    }

    var requests: Int { state.withLock { $0.requests } }
    private var isOver: Bool { state.withLock { $0.isOver } }

    /// From now on; no answer overtakes another.
    func setLateness(_ lateness: Duration) { state.withLock { $0.lateness = lateness } }

    func stop() {
        state.withLock { $0.isOver = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve() {
        while !isOver {
            guard pollDescriptors([(listener, POLLIN)], until: Clocks.farAway)[0] & POLLIN != 0 else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            serve(connection)
            close(connection)
        }
    }

    private func serve(_ connection: Int32) {
        var received: [UInt8] = []
        var onTheWay: [(moment: MonotonicTime, answer: [UInt8])] = []
        while !isOver {
            let next = onTheWay.first?.moment ?? Clocks.system.monotonic() + .milliseconds(100)
            if pollDescriptors([(connection, POLLIN)], until: next)[0] != 0 {
                var buffer = [UInt8](repeating: 0, count: 256)
                let got = read(connection, &buffer, buffer.count)
                guard got > 0 else { return }
                received += buffer[..<got]
            }
            while received.count >= 8 {
                let moment = arrival()
                onTheWay.append((max(moment, onTheWay.last?.moment ?? moment), answer(Array(received.prefix(8)))))
                received.removeFirst(8)
            }
            while let first = onTheWay.first, first.moment <= Clocks.system.monotonic() {
                onTheWay.removeFirst()
                _ = first.answer.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
        }
    }

    /// Of the answer to what has come just now.
    private func arrival() -> MonotonicTime {
        let lateness = state.withLock { state in
            state.requests += 1
            return state.lateness
        }
        return Clocks.system.monotonic() + lateness
    }

    /// To a read of one register.
    private func answer(_ request: [UInt8]) -> [UInt8] {
        let value = FaultyDevice.value(unit: request[0], address: UInt16(request[2]) << 8 | UInt16(request[3]))
        return FaultyDevice.withChecksum([request[0], 3, 2, UInt8(value >> 8), UInt8(value & 255)])
    }
}
