import Platform
import Polling
import Settings

/// A look into the tables of one unit, as careful as the polling. Used by one thread.
public struct ModbusProbe {
    /// What a request gave.
    public struct Found: Sendable {
        public enum Answer: Sendable {
            case data([UInt8])
            case refused(String)
        }

        public let request: ReadRequest
        public let answer: Answer
    }

    private static let mostAtOnce = 20

    private var talk: LineTalk
    private let device: ModbusDeviceSettings

    public init(_ address: LineAddress, unit: UInt8) throws(SystemError) {
        device = ModbusDeviceSettings(unit: unit)
        let surroundings = Surroundings(log: Log(level: .error))
        talk = LineTalk(
            address, surroundings: surroundings,
            metrics: LineMetrics(surroundings.metrics, line: "probe", devices: []), wake: try WakeUp(),
            isStopping: { false })
    }

    /// Reads so many, a few at once; what a device refuses is halved until it is clear which of them it refuses.
    public mutating func read(_ table: RegisterTable, from first: Int, count: Int) -> [Found] {
        stride(from: first, to: first + count, by: Self.mostAtOnce).flatMap { start in
            part(table, start, min(Self.mostAtOnce, first + count - start))
        }
    }

    /// Whether a request is answered.
    public mutating func answers(_ request: ReadRequest) -> Bool {
        if case .success(.data) = try? talk.ask(.read(request), of: device) { true } else { false }
    }

    private mutating func part(_ table: RegisterTable, _ first: Int, _ count: Int) -> [Found] {
        let request = ReadRequest(unit: device.unit, table: table, first: UInt16(first), count: UInt16(count))
        switch try? talk.ask(.read(request), of: device) {
        case .success(.data(let data)): return [Found(request: request, answer: .data(data))]
        case .success(.exception(let code)):
            if count > 1, code == 2 {
                return part(table, first, count / 2) + part(table, first + count / 2, count - count / 2)
            }
            return [Found(request: request, answer: .refused(ExceptionText.of(code)))]
        case .failure(let failure): return [Found(request: request, answer: .refused(failure.description))]
        case .success(.written), nil: return []
        }
    }
}
