import Readings

/// Why a value cannot be written.
public struct WritingProblem: Error, CustomStringConvertible, Sendable, Hashable {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Point {
    /// The request that writes a value, which is a number or one of the labels. A number goes to the nearest one that the
    /// device can hold.
    public func writing(_ text: String, unit: UInt8) throws(WritingProblem) -> ModbusRequest {
        try checkIsWritable()
        // The lowest code where several have this label.
        if let code = labels.filter({ $0.value == text }).keys.min() {
            return try writing(raw: Double(code), unit: unit)
        }
        guard let number = Double(text), number.isFinite else {
            let known = labels.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
            throw WritingProblem(labels.isEmpty ? "\"\(text)\" is no number" : "\"\(text)\" is none of \(known)")
        }
        // As in reading: codes are not scaled.
        if !labels.isEmpty { return try writing(raw: number, unit: unit) }
        if let valid, !valid.contains(number) {
            throw WritingProblem("\(text) is not valid: \(valid.lowerBound) to \(valid.upperBound)")
        }
        let request = try writing(raw: (number - offset) / scale, unit: unit)
        try checkIsValid(request, text)
        return request
    }

    /// What a coarse scale makes of a number may be a step beyond what is valid. A limit that the type holds only nearly is
    /// none of these.
    private func checkIsValid(_ request: ModbusRequest, _ text: String) throws(WritingProblem) {
        guard let valid, case .writeRegisters(_, _, let values) = request else { return }
        let data = values.flatMap(\.bytes)
        guard case .number(let held) = data.withUnsafeBytes({ read($0, at: 0) }).value else { return }
        let slack = abs(held) * 1e-6
        guard held + slack < valid.lowerBound || held - slack > valid.upperBound else { return }
        throw WritingProblem(
            "\(text) would become \(held), which is not valid: \(valid.lowerBound) to \(valid.upperBound)")
    }

    private func checkIsWritable() throws(WritingProblem) {
        guard table.isWritable else { throw WritingProblem("the table \(table.rawValue) cannot be written") }
        guard isWritable else { throw WritingProblem("the point is not marked as writable") }
        guard bits == nil else { throw WritingProblem("some bits of a register cannot be written by themselves") }
        guard scaleRegister == nil else {
            throw WritingProblem("a value whose power of ten is the device's own cannot be written")
        }
        guard type != .text else { throw WritingProblem("a text cannot be written") }
    }

    private func writing(raw number: Double, unit: UInt8) throws(WritingProblem) -> ModbusRequest {
        if table == .coil {
            guard let isOn = Self.bit(number) else { throw WritingProblem("a coil is 0 or 1") }
            return .writeCoil(unit: unit, address: address, isOn: isOn)
        }
        let bytes = order.write(try pattern(number))
        let registers = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return .writeRegisters(unit: unit, first: address, values: registers)
    }

    /// The bits, of which only as many count as the type has.
    func pattern(_ number: Double) throws(WritingProblem) -> UInt64 {
        let pattern = try encoded(number)
        guard !invalid.contains(type.byteCount == 8 ? pattern : pattern & (1 << UInt64(8 * (type.byteCount ?? 0)) - 1))
        else { throw WritingProblem("the device would take \(number) for no value") }
        return pattern
    }

    private func encoded(_ number: Double) throws(WritingProblem) -> UInt64 {
        let doesNotFit = WritingProblem("\(number) does not fit into \(type.rawValue)")
        switch type {
        case .f64:
            guard number.isFinite else { throw doesNotFit }
            return number.bitPattern
        case .f32:
            guard Float(number).isFinite else { throw doesNotFit }
            return UInt64(Float(number).bitPattern)
        case .bool:
            guard let isOn = Self.bit(number) else { throw doesNotFit }
            return isOn ? 1 : 0
        case .u16, .i16, .u32, .i32, .u64, .i64, .bcd16, .bcd32, .text:
            let whole = number.rounded()
            guard let range = type.wholeNumbers, range.contains(whole) else { throw doesNotFit }
            let isDecimal = type == .bcd16 || type == .bcd32
            return isDecimal ? Self.decimalDigits(UInt64(whole)) : UInt64(bitPattern: Int64(whole))
        }
    }

    /// A scale leaves a 1 that is a little off.
    private static func bit(_ number: Double) -> Bool? {
        if abs(number) < 1e-9 { return false }
        return abs(number - 1) < 1e-9 ? true : nil
    }

    private static func decimalDigits(_ number: UInt64) -> UInt64 {
        number < 10 ? number : decimalDigits(number / 10) << 4 | number % 10
    }
}
