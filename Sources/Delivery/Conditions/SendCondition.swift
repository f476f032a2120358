import Readings

/// `only_when`: what the last reading of a series has to say for anything to be sent: `vehicle/ignition == 0`,
/// `'tank 1/level' > 20.5`, `press/state != "FAULT"`.
public struct SendCondition: Sendable, Hashable {
    enum Comparison: String, Sendable, CaseIterable {
        // The longer ones are looked for first.
        case equal = "=="
        case different = "!="
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"

        var isOfOrder: Bool { self != .equal && self != .different }
    }

    enum Operand: Sendable, Hashable {
        case number(Double)
        case text(String)
    }

    public let series: SeriesName
    let comparison: Comparison
    let operand: Operand

    // MARK: - The text

    /// A name with spaces or signs of comparison in it stands between quotes.
    public init(parsing text: String) throws(DeliveryTextError) {
        var scanner = TextScanner(text)
        scanner.skipSpaces()
        series = try Self.name(&scanner)
        scanner.skipSpaces()
        let startOfComparison = scanner.position
        guard let comparison = Comparison.allCases.first(where: { scanner.take($0.rawValue) }) else {
            throw DeliveryTextError(
                "a comparison is needed, one of ==, !=, <, <=, > and >=, as in \"vehicle/ignition == 0\"",
                offset: startOfComparison)
        }
        scanner.skipSpaces()
        let startOfOperand = scanner.position
        let operand = try Self.operand(&scanner)
        scanner.skipSpaces()
        guard scanner.isAtEnd else {
            throw DeliveryTextError("nothing stands behind what is compared with", offset: scanner.position)
        }
        if case .text = operand, comparison.isOfOrder {
            throw DeliveryTextError("a text is compared with == or != alone", offset: startOfOperand)
        }
        self.comparison = comparison
        self.operand = operand
    }

    private static func name(_ scanner: inout TextScanner) throws(DeliveryTextError) -> SeriesName {
        let start = scanner.position
        let text = try quoted(&scanner) ?? scanner.take { !isEndOfName($0) }
        guard let name = SeriesName(text) else {
            throw DeliveryTextError("the name of a series is needed, as in \"vehicle/ignition == 0\"", offset: start)
        }
        return name
    }

    private static func isEndOfName(_ byte: UInt8) -> Bool {
        TextScanner.isSpace(byte) || "=!<>".utf8.contains(byte)
    }

    private static func operand(_ scanner: inout TextScanner) throws(DeliveryTextError) -> Operand {
        let start = scanner.position
        if let text = try quoted(&scanner) { return .text(text) }
        let digits = scanner.take { TextScanner.isDigit($0) || "+-.eE".utf8.contains($0) }
        guard let number = Double(digits), number.isFinite else {
            throw DeliveryTextError("a number is needed, or a text between quotes", offset: start)
        }
        return .number(number)
    }

    /// What stands between two quotes of one kind; nil where there is none.
    private static func quoted(_ scanner: inout TextScanner) throws(DeliveryTextError) -> String? {
        let start = scanner.position
        guard let quote = ["\"", "'"].first(where: { scanner.take($0) }) else { return nil }
        let text = scanner.take { $0 != quote.utf8.first }
        guard scanner.take(quote) else { throw DeliveryTextError("nothing closes this quote", offset: start) }
        return text
    }

    // MARK: - What it says

    /// As long as nobody knows, it holds: no reading yet, one without a value that can be trusted, a text where the order of
    /// numbers is asked for. Data that never leaves because a sensor is broken is found out too late; what is sent too
    /// much has its budget.
    public func holds(for reading: Reading?) -> Bool {
        guard let reading, !reading.isBad else { return true }
        return switch (reading.value, operand) {
        case (.number(let number), .number(let limit)): holds(number, limit)
        case (.text(let text), .text(let wanted)): (Value.text(text) == .text(wanted)) == (comparison == .equal)
        case (.text, .number), (.number, .text): comparison != .equal
        case (.absent, _): true
        }
    }

    private func holds(_ number: Double, _ limit: Double) -> Bool {
        switch comparison {
        case .equal: number == limit
        case .different: number != limit
        case .atMost: number <= limit
        case .atLeast: number >= limit
        case .below: number < limit
        case .above: number > limit
        }
    }
}
