import Polling

/// What comes back on a line of Modbus devices: an answer is one to the request, whatever stands around it.
struct ExchangeFuzz: FuzzTarget {
    private let framing: Framing

    init(_ framing: Framing) { self.framing = framing }

    private static let requests: [ModbusRequest] = [
        .read(ReadRequest(unit: 1, table: .holding, first: 0, count: 3)),
        .read(ReadRequest(unit: 1, table: .coil, first: 7, count: 9)),
        .writeCoil(unit: 1, address: 5, isOn: true), .writeRegisters(unit: 1, first: 2, values: [1, 2]),
    ]

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        for request in Self.requests {
            var whole = Exchange(request, framing: framing, transaction: 0x0102)
            let outcome = end(of: &whole, [Array(input)])
            if case .answered(.data(let data)) = outcome, case .read(let read) = request {
                let due = read.table.isBits ? (Int(read.count) + 7) / 8 : 2 * Int(read.count)
                if data.count != due { return "\(data.count) bytes of data, where \(due) were due" }
            }
            // Byte by byte the same answer is found, unless the stream was given up before.
            var slow = Exchange(request, framing: framing, transaction: 0x0102)
            let other = end(of: &slow, input.map { [$0] })
            if case .answered = outcome, case .answered = other, outcome != other { return "two answers" }
        }
        return nil
    }

    private func end(of exchange: inout Exchange, _ pieces: [[UInt8]]) -> Exchange.Progress {
        for piece in pieces {
            var progress = exchange.take(piece)
            while case .stray = progress { progress = exchange.take([]) }
            if progress != .incomplete { return progress }
        }
        return .incomplete
    }
}
