import Readings

/// `equals` or `not_equals`: a number or a text, or one of several.
public struct Equality: Sendable, Hashable {
    public var values: [Value]
    public var isNegated: Bool
    public var level: AlarmLevel

    public init(_ values: [Value], isNegated: Bool = false, level: AlarmLevel = .warning) {
        self.values = values
        self.isNegated = isNegated
        self.level = level
    }

    func isRaised(by value: Value) -> Bool {
        values.contains { Self.same($0, value) } != isNegated
    }

    /// -0 is 0 to those who compare.
    private static func same(_ left: Value, _ right: Value) -> Bool {
        if case .number(let left) = left, case .number(let right) = right { return left == right }
        return left == right
    }

    var limit: Double? {
        if values.count == 1, case .number(let number) = values[0] { number } else { nil }
    }

    func complaint(_ value: String) -> String {
        isNegated ? "is \(value), and not \(names)" : "is \(value)"
    }

    private var names: String { values.map(MessageTemplate.text).joined(separator: " or ") }

    var provocation: Value {
        guard isNegated else { return values.first ?? .absent }
        return ["a test", "another test"].map { .text($0) }.first { isRaised(by: $0) } ?? .number(.pi)
    }
}
