import Readings

@testable import Polling

/// What was read, as tests write it down.
struct Outcome: Equatable, CustomStringConvertible {
    var value: Value
    var quality: Quality

    static func number(_ number: Double) -> Outcome { Outcome(value: .number(number), quality: .good) }
    static func text(_ text: String) -> Outcome { Outcome(value: .text(text), quality: .good) }
    static func outside(_ number: Double) -> Outcome { Outcome(value: .number(number), quality: .outOfRange) }
    static let none = Outcome(value: .absent, quality: .deviceException)

    var description: String { "\(value) \(quality.name)" }
}

extension Point {
    /// A holding register, or several.
    init(_ type: RegisterType, _ order: String? = nil, at address: UInt16 = 0) {
        self.init(
            table: .holding, address: address, type: type,
            order: order.flatMap { ByteOrder($0, byteCount: type.byteCount ?? 2) })
    }

    func with(_ change: (inout Point) -> Void) -> Point {
        var point = self
        change(&point)
        return point
    }

    func outcome(_ data: [UInt8], at index: Int = 0, scaleAt scaleIndex: Int? = nil) -> Outcome {
        let (value, quality) = data.withUnsafeBytes { read($0, at: index, scaleAt: scaleIndex) }
        return Outcome(value: value, quality: quality)
    }
}

extension String {
    /// "12 AB" as bytes.
    var hex: [UInt8] { split(separator: " ").map { UInt8($0, radix: 16)! } }
}

extension [UInt8] {
    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ") }
}

extension RandomNumberGenerator {
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
