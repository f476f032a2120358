/// What a device has in its tables for a value of a point: for those that play the device.
extension Point {
    /// The registers, or the bit, from the address on; nil where the value does not fit.
    public func image(of number: Double) -> [UInt16]? {
        if table.isBits { return [number == 0 ? 0 : 1] }
        let raw = (number - offset) / scale
        if let bits {
            guard raw >= 0, raw < Double(1 << bits.count) else { return nil }
            return registers(order.write(UInt64(raw) << UInt64(bits.lowerBound)))
        }
        return (try? pattern(raw)).map { registers(order.write($0)) }
    }

    /// What stands for a value that is not there: NaN, the lowest number with a sign, the highest without one.
    public var noImage: [UInt16] {
        let count = registerCount
        switch type {
        case .f32: return registers(order.write(UInt64(Float.nan.bitPattern)))
        case .f64: return registers(order.write(Double.nan.bitPattern))
        case .i16, .i32, .i64: return registers(order.write(1 << UInt64(16 * count - 1)))
        case .bool: return [0]
        case .u16, .u32, .u64, .bcd16, .bcd32, .text: return [UInt16](repeating: .max, count: count)
        }
    }

    /// A text, which has an order of its own only within each register.
    public func image(of text: String) -> [UInt16] {
        var bytes = Array(text.utf8.prefix(2 * textLength))
        while bytes.count < 2 * textLength { bytes.append(0) }
        return registers(
            stride(from: 0, to: bytes.count, by: 2).flatMap { index in
                order.positions.map { bytes[index + $0] }
            })
    }

    private func registers(_ bytes: [UInt8]) -> [UInt16] {
        stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }
}
