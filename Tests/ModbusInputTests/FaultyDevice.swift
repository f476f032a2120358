import Demo
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

/// A device that misbehaves as it is told, at a port of the loopback. Each holding register says which it is: unit and
/// address make its value, so that an answer that is taken for another shows. What is written stays, if it is to.
final class FaultyDevice: Sendable {
    enum Framing { case tcp, rtu }

    enum Fault: CaseIterable {
        case none
        /// Longer than the gateway waits, and then the answer comes.
        case late
        /// The answer comes twice.
        case doubled
        case wrongTransaction
        case wrongUnit
        case wrongFunction
        /// The answer breaks off.
        case short
        case garbageBefore
        case garbageBehind
        case silent
        case closesAfter
        case exception
        /// The answer comes in pieces.
        case inPieces
    }

    /// What it makes of a request to write.
    enum Writing: Sendable {
        case done
        /// It says yes, and that is all.
        case ignored
        /// It says yes, and does it after the next read.
        case doneLater
        case doneSilently
        case ignoredSilently
        /// It does it, and never says anything again.
        case doneAndDead
        case ignoredAndClosed
        case refused(UInt8)
    }

    let port: Int
    private let framing: Framing
    private let lateness: Duration
    private let listener: Int32
    private let fault: @Sendable (Int) -> Fault
    private let faultOfUnit: @Sendable (UInt8) -> Fault
    private let writing: @Sendable (Int) -> Writing
    private let state = Mutex(State())

    private struct State {
        var requests = 0
        var answeredWell = 0
        var isOver = false
        var isDead = false
        var functions: [UInt8] = []
        var written: [Place: UInt16] = [:]
        var pending: [Place: UInt16] = [:]
    }

    private struct Place: Hashable {
        var unit: UInt8
        var isCoil: Bool
        var address: UInt16
    }

    /// `fault` says what is wrong with the answer to each request, `faultOfUnit` what is with all of a unit besides.
    init(
        _ framing: Framing, lateness: Duration = .milliseconds(80),
        writing: @escaping @Sendable (Int) -> Writing = { _ in .done },
        faultOfUnit: @escaping @Sendable (UInt8) -> Fault = { _ in .none },
        _ fault: @escaping @Sendable (Int) -> Fault
    ) throws {
        self.framing = framing
        self.writing = writing
        self.lateness = lateness
        self.fault = fault
        self.faultOfUnit = faultOfUnit
        port = freePort()
        listener = try listenOnLoopback(port: port)
        _ = try DedicatedThread("device") { [self] in serve() }
    }

    /// The value of a register.
    static func value(unit: UInt8, address: UInt16) -> UInt16 { UInt16(unit) << 8 ^ address &* 37 }

    var requests: Int { state.withLock { $0.requests } }
    /// Requests whose answer was right, however it was dressed.
    var answeredWell: Int { state.withLock { $0.answeredWell } }

    /// Of all requests so far.
    var functions: [UInt8] { state.withLock { $0.functions } }

    func stop() {
        state.withLock { $0.isOver = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func serve() {
        while !isOver {
            guard pollDescriptors([(listener, POLLIN)], until: Clocks.farAway)[0] & POLLIN != 0 else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var on: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            while !isOver, let request = request(connection) { if !answer(request, connection) { break } }
            close(connection)
        }
    }

    // MARK: - Frames

    private struct Request {
        var transaction: [UInt8]
        var unit: UInt8
        /// Function and data.
        var body: [UInt8]
    }

    private func request(_ connection: Int32) -> Request? {
        if framing == .tcp {
            guard let header = read(7, connection), let body = read(Int(header[5]) - 1, connection) else { return nil }
            return Request(transaction: Array(header[..<2]), unit: header[6], body: body)
        }
        guard let frame = read(8, connection) else { return nil }
        guard frame[1] == 16 else { return Request(transaction: [], unit: frame[0], body: Array(frame[1..<6])) }
        guard let rest = read(Int(frame[6]) + 1, connection) else { return nil }
        return Request(transaction: [], unit: frame[0], body: Array((frame + rest).dropFirst().dropLast(2)))
    }

    private func read(_ count: Int, _ connection: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard pollDescriptors([(connection, POLLIN)], until: Clocks.system.monotonic() + .milliseconds(200))[0] != 0
            else {
                if isOver { return nil }
                continue
            }
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let got = Glibc.read(connection, &buffer, buffer.count)
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private func send(_ bytes: [UInt8], _ connection: Int32) {
        _ = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private func frame(_ request: Request, unit: UInt8? = nil, transaction: [UInt8]? = nil, _ body: [UInt8]) -> [UInt8]
    {
        let content = [unit ?? request.unit] + body
        if framing == .tcp { return (transaction ?? request.transaction) + [0, 0, 0, UInt8(content.count)] + content }
        return Self.withChecksum(content)
    }

    /// As it goes over a serial line.
    static func withChecksum(_ content: [UInt8]) -> [UInt8] {
        var crc = UInt16.max
        for byte in content {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xA001 }
        }
        return content + [UInt8(crc & 255), UInt8(crc >> 8)]
    }

    /// False where it closes the connection.
    private func answer(_ request: Request, _ connection: Int32) -> Bool {
        let first = UInt16(request.body[1]) << 8 | UInt16(request.body[2])
        let count = UInt16(request.body[3]) << 8 | UInt16(request.body[4])
        let isDead = state.withLock { state in
            state.functions.append(request.body[0])
            return state.isDead
        }
        if isDead { return true }
        if [5, 6, 16].contains(request.body[0]) { return write(request, connection) }
        let data = data(request, first, count)
        let body = [request.body[0], UInt8(data.count)] + data
        let good = frame(request, body)
        let number = state.withLock { state in
            state.requests += 1
            return state.requests - 1
        }
        let ofUnit = faultOfUnit(request.unit)
        let fault = ofUnit == .none ? fault(number) : ofUnit
        switch fault {
        case .none: send(good, connection)
        case .late:
            _ = pollDescriptors([], until: Clocks.system.monotonic() + lateness)
            send(good, connection)
        case .doubled: send(good + good, connection)
        case .wrongTransaction:
            // Of a serial line there is none: an answer of other registers, as a late one would be.
            let other = frame(request, transaction: [0xAB, 0xCD], body)
            if framing == .tcp { send(other, connection) }
        case .wrongUnit: send(frame(request, unit: request.unit ^ 0x55, body), connection)
        case .wrongFunction: send(frame(request, [0x11] + body.dropFirst()), connection)
        case .short: send(Array(good.dropLast(3)), connection)
        case .garbageBefore: send([0x00, 0xFF, 0x01, 0x03, 0x55] + good, connection)
        case .garbageBehind: send(good + [0x13, 0x37, 0x00], connection)
        case .silent: break
        case .closesAfter: send(good, connection)
        case .exception: send(frame(request, [request.body[0] | 0x80, 4]), connection)
        case .inPieces:
            for byte in good {
                send([byte], connection)
                _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(1))
            }
        }
        if [.none, .doubled, .closesAfter, .inPieces].contains(fault) { state.withLock { $0.answeredWell += 1 } }
        return fault != .closesAfter
    }

    // MARK: - Registers and coils

    private func data(_ request: Request, _ first: UInt16, _ count: UInt16) -> [UInt8] {
        state.withLock { state in
            defer {
                state.written.merge(state.pending) { $1 }
                state.pending = [:]
            }
            let isCoil = request.body[0] == 1
            if isCoil { return [UInt8(state.written[Place(unit: request.unit, isCoil: true, address: first)] ?? 0)] }
            return (0..<count).flatMap { offset -> [UInt8] in
                let place = Place(unit: request.unit, isCoil: false, address: first + offset)
                let value = state.written[place] ?? Self.value(unit: request.unit, address: first + offset)
                return [UInt8(value >> 8), UInt8(value & 255)]
            }
        }
    }

    /// What a request writes.
    private func values(_ request: Request) -> [Place: UInt16] {
        let words = stride(from: 1, to: request.body.count - 1, by: 2).map {
            UInt16(request.body[$0]) << 8 | UInt16(request.body[$0 + 1])
        }
        let isCoil = request.body[0] == 5
        func place(_ address: UInt16) -> Place { Place(unit: request.unit, isCoil: isCoil, address: address) }
        guard request.body[0] == 16 else { return [place(words[0]): isCoil ? words[1] >> 15 : words[1]] }
        var values: [Place: UInt16] = [:]
        for index in 0..<Int(words[1]) {
            let (high, low) = (request.body[6 + 2 * index], request.body[7 + 2 * index])
            values[place(words[0] + UInt16(index))] = UInt16(high) << 8 | UInt16(low)
        }
        return values
    }

    /// False where it closes the connection.
    private func write(_ request: Request, _ connection: Int32) -> Bool {
        let number = functions.count { [5, 6, 16].contains($0) } - 1
        let values = values(request)
        let yes = frame(request, Array(request.body.prefix(5)))
        func keep() { state.withLock { $0.written.merge(values) { $1 } } }
        switch writing(number) {
        case .done:
            keep()
            send(yes, connection)
        case .ignored: send(yes, connection)
        case .doneLater:
            state.withLock { $0.pending = values }
            send(yes, connection)
        case .doneSilently: keep()
        case .ignoredSilently: break
        case .doneAndDead:
            keep()
            state.withLock { $0.isDead = true }
        case .ignoredAndClosed: return false
        case .refused(let code): send(frame(request, [request.body[0] | 0x80, code]), connection)
        }
        return true
    }
}
