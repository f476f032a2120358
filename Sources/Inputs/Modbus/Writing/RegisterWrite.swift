import Polling
import Readings
import Settings

/// A value on its way to a point: sent, read back, and believed only when that agrees.
struct RegisterWrite: Sendable {
    /// The device has understood and is not done yet.
    private static let takesLong: UInt8 = 5
    /// A device may say yes first, and do it then.
    private static let secondLook: Duration = .milliseconds(100)

    private let device: ModbusDeviceSettings
    private let point: Point
    private let request: ModbusRequest

    /// Throws why it cannot be written.
    init(_ value: String, to series: SeriesName, on line: ModbusSettings) throws(WriteOutcome) {
        guard let (device, point) = line.origin(of: series) else {
            throw WriteOutcome(.refused, "the line \(line.name) has no point \(series)")
        }
        self.device = device
        self.point = point
        do throws(WritingProblem) { request = try point.writing(value, unit: device.unit) } catch {
            throw WriteOutcome(.refused, error.description)
        }
    }

    // MARK: - The way through

    /// What was sent without an answer may have been done: it is not sent again before the device was looked at.
    func run(on talk: inout LineTalk) throws -> WriteOutcome {
        var once = device
        once.retries = 0
        var outcome = WriteOutcome(.failed)
        // The first may be lost on a connection that had ended unnoticed.
        for _ in 0...max(1, device.retries) {
            switch try talk.ask(request, of: once) {
            case .success(.exception(let code)) where code != Self.takesLong:
                return WriteOutcome(.failed, "the device refuses: \(ExceptionText.of(code))")
            case .success: return try confirm(&talk)
            case .failure(let failure):
                switch try look(&talk) {
                case .same: return .written
                case .other(let found): outcome = WriteOutcome(.failed, "\(failure.description); it has \(found)")
                case .unreadable(let reason):
                    return WriteOutcome(.unknown, "\(failure.description), and it cannot be read back: \(reason)")
                }
                if case .line = failure { talk.close() }
            }
        }
        return outcome
    }

    /// After the device has said yes.
    private func confirm(_ talk: inout LineTalk) throws -> WriteOutcome {
        var found = try look(&talk)
        if case .other = found {
            try talk.sleep(Self.secondLook)
            found = try look(&talk)
        }
        return switch found {
        case .same: .written
        case .other(let found): WriteOutcome(.failed, "the device took it, and has \(found) all the same")
        case .unreadable(let reason):
            WriteOutcome(.unknown, "the device took it, and it cannot be read back: \(reason)")
        }
    }

    // MARK: - Reading back

    private enum Found {
        case same
        case other(String)
        case unreadable(String)
    }

    private func look(_ talk: inout LineTalk) throws -> Found {
        guard let expected = request.written else { return .unreadable("nothing was written") }
        switch try talk.ask(.read(expected.place), of: device) {
        case .success(.data(let data)): return isSame(data, expected.data) ? .same : .other(text(data))
        case .success(.exception(let code)): return .unreadable(ExceptionText.of(code))
        case .success(.written): return .unreadable("an answer to something else")
        case .failure(let failure): return .unreadable(failure.description)
        }
    }

    /// As it lies in the registers: no number is rounded on the way.
    private func isSame(_ data: [UInt8], _ expected: [UInt8]) -> Bool {
        guard point.table.isBits else { return data == expected }
        return data.first.map { $0 & 1 } == expected.first
    }

    /// Such as "21.5 (0x00D7)".
    private func text(_ data: [UInt8]) -> String {
        let value = data.withUnsafeBytes { point.read($0, at: 0).value }
        let shown =
            switch value {
            case .number(let number): "\(number)"
            case .text(let text): "\"\(text)\""
            case .absent: "no value"
            }
        return point.table.isBits ? shown : "\(shown) (0x\(data.map(Self.hex).joined()))"
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

extension ModbusSettings {
    /// Where a series comes from; where several points have its name, the one that can be written.
    func origin(of series: SeriesName) -> (device: ModbusDeviceSettings, point: Point)? {
        let origins = devices.flatMap { device in
            device.points.filter { $0.series == series }.map { (device: device, point: $0.point) }
        }
        return origins.first { $0.point.isWritable } ?? origins.first
    }
}

extension ModbusRequest {
    /// Where it writes, and what a read of that place gives when it has been done; nil for a request that reads.
    var written: (place: ReadRequest, data: [UInt8])? {
        switch self {
        case .read: nil
        case .writeCoil(let unit, let address, let isOn):
            (ReadRequest(unit: unit, table: .coil, first: address, count: 1), [isOn ? 1 : 0])
        case .writeRegisters(let unit, let first, let values):
            (
                ReadRequest(unit: unit, table: .holding, first: first, count: UInt16(values.count)),
                values.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
            )
        }
    }
}
