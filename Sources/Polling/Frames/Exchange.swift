/// One request and what comes back, on bytes alone.
///
/// A frame that is whole but none of this request's is passed over, and the waiting goes on: an answer that comes late or
/// twice, one of another unit. What cannot be told from noise ends the exchange: the stream has lost its place.
public struct Exchange: Sendable {
    public enum Progress: Sendable, Hashable {
        case incomplete
        case answered(Answer)
        /// A frame of something else.
        case stray(String)
        /// Nothing that comes on this stream can be trusted any more.
        case broken(String)
    }

    private let request: ModbusRequest
    private let framing: Framing
    private let transaction: UInt16
    private var received: [UInt8] = []
    /// So many of them have been looked at: no answer begins there.
    private var refused = 0
    /// Bytes before the answer that are no part of it.
    public private(set) var skipped = 0

    /// `transaction` is different from that of the requests before it; it counts where the framing has one.
    public init(_ request: ModbusRequest, framing: Framing, transaction: UInt16) {
        self.request = request
        self.framing = framing
        self.transaction = transaction
    }

    /// What is to be sent.
    public var bytes: [UInt8] {
        let body = [request.unit] + request.body
        return switch framing {
        case .tcp: transaction.bytes + [0, 0] + UInt16(body.count).bytes + body
        case .rtu: body + CRC16.bytes(of: body)
        }
    }

    /// Bytes that have come and belong to no frame yet, or to none at all.
    public var leftovers: Int { received.count }

    /// Takes what has come. As long as it says that a frame was a stray one it is to be asked again, with nothing new.
    public mutating func take(_ bytes: some Collection<UInt8>) -> Progress {
        received.append(contentsOf: bytes)
        return switch framing {
        case .tcp: takeTCP()
        case .rtu: takeRTU()
        }
    }

    // MARK: - TCP

    private static let headerLength = 7
    private static let longestBody = 253

    private mutating func takeTCP() -> Progress {
        guard received.count >= Self.headerLength else { return .incomplete }
        let length = Int(received[4]) << 8 | Int(received[5])
        guard received[2] == 0, received[3] == 0, (3...(1 + Self.longestBody)).contains(length) else {
            return .broken("bytes that are no header of Modbus TCP")
        }
        guard received.count >= 6 + length else { return .incomplete }
        let frame = Array(received.prefix(6 + length))
        received.removeFirst(frame.count)
        guard frame.prefix(2).elementsEqual(transaction.bytes) else {
            return .stray("an answer to an earlier request")
        }
        guard frame[6] == request.unit else { return .stray("an answer of unit \(frame[6])") }
        switch request.answer(in: frame[7...]) {
        case .success(let answer): return .answered(answer)
        // It has the number of this request: whoever made it will not make a better one.
        case .failure(let mismatch): return .broken(mismatch.reason)
        }
    }

    // MARK: - RTU

    /// More than any frame has, several times.
    private static let mostNoise = 2048

    /// Frames have no beginning: the answer is where one of the right unit, function and length has the right checksum.
    private mutating func takeRTU() -> Progress {
        var open: Int?
        for start in refused..<max(refused, received.count - 1) {
            guard let length = expectedLength(at: start) else { continue }
            guard received.count - start >= length else {
                open = open ?? start
                continue
            }
            guard let answer = answer(at: start, length) else { continue }
            skipped = start
            received.removeFirst(start + length)
            refused = 0
            return .answered(answer)
        }
        refused = open ?? max(refused, received.count - 1)
        guard received.count <= Self.mostNoise else { return .broken("bytes without end that are no answer") }
        return .incomplete
    }

    /// Of the answer that may begin here.
    private func expectedLength(at start: Int) -> Int? {
        guard received[start] == request.unit else { return nil }
        if received[start + 1] == request.function { return request.answerLength + 3 }
        return received[start + 1] == request.function | 0x80 ? 5 : nil
    }

    private func answer(at start: Int, _ length: Int) -> Answer? {
        let frame = received[start..<(start + length)]
        guard CRC16.bytes(of: frame.dropLast(2)).elementsEqual(frame.suffix(2)) else { return nil }
        // Some adapters give back what is sent, and a request can look like the answer to itself. An answer to a write does.
        if case .read = request, frame.elementsEqual(bytes) { return nil }
        return try? request.answer(in: frame.dropFirst().dropLast(2)).get()
    }
}
