/// What a device has answered.
public enum Answer: Sendable, Hashable {
    /// What was read, as it came: bits eight to a byte, the first one lowest, or registers of two bytes, the higher first.
    case data([UInt8])
    case written
    /// The device refuses, with its code.
    case exception(UInt8)
}

/// The codes by which devices refuse.
public enum ExceptionText {
    public static func of(_ code: UInt8) -> String {
        switch code {
        case 1: "illegal function"
        case 2: "illegal data address"
        case 3: "illegal data value"
        case 4: "device failure"
        case 5: "acknowledged, and takes long"
        case 6: "device busy"
        case 8: "memory parity error"
        case 10: "gateway path unavailable"
        case 11: "gateway target does not answer"
        default: "exception \(code)"
        }
    }
}

extension ModbusRequest {
    /// What a body (function and data) is to this request: its answer, or why it cannot be.
    func answer(in body: ArraySlice<UInt8>) -> Result<Answer, Mismatch> {
        guard let first = body.first else { return .failure(Mismatch("an empty answer")) }
        if first == function | 0x80 {
            guard body.count == 2, let code = body.last else {
                return .failure(Mismatch("an exception of a wrong length"))
            }
            return .success(.exception(code))
        }
        guard first == function else { return .failure(Mismatch("an answer of function \(first)")) }
        guard body.count == answerLength else {
            return .failure(Mismatch("an answer of \(body.count) bytes, where \(answerLength) were due"))
        }
        switch self {
        case .read(let request):
            guard Int(body[body.startIndex + 1]) == request.dataLength else {
                return .failure(Mismatch("an answer of \(body[body.startIndex + 1]) bytes of data"))
            }
            return .success(.data(Array(body.dropFirst(2))))
        case .writeCoil, .writeRegisters:
            // The answer repeats what was asked for: address, and value or count.
            guard body.elementsEqual(self.body.prefix(5)) else {
                return .failure(Mismatch("an answer to another write"))
            }
            return .success(.written)
        }
    }
}

/// Why a frame is not the answer to a request.
struct Mismatch: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
