/// Durations as the configuration writes them: `500ms`, `10s`, `1h30m`, `4w`, `5y`. A year has 365 days.
public enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ("ms", 1),
    ]
    /// A day, in milliseconds.
    private static let longestCombined = 86_400_000
    private static let unitNames = units.map(\.name).joined(separator: ", ")

    static func parse(_ text: String) throws(ValueError) -> Duration {
        guard let quantities = Quantity.parse(text) else {
            throw ValueError("\(quoted(text)) is not a duration such as \"10s\" or \"1h30m\"")
        }
        var total = 0
        var smallest = -1
        for quantity in quantities {
            let index = try index(ofUnit: quantity)
            guard index > smallest else {
                throw ValueError("units stand once each, the larger first, as in \"1h30m\"", offset: quantity.offset)
            }
            smallest = index
            total = try sum(total, quantity.count, times: units[index].milliseconds)
        }
        return .milliseconds(total)
    }

    private static func index(ofUnit quantity: Quantity) throws(ValueError) -> Int {
        if quantity.unit.isEmpty {
            throw ValueError("a unit is missing: one of \(unitNames)", offset: quantity.offset)
        }
        guard let index = units.firstIndex(where: { $0.name == quantity.unit }) else {
            throw ValueError("\(quoted(quantity.unit)) is none of the units \(unitNames)", offset: quantity.offset)
        }
        return index
    }

    private static func sum(_ total: Int, _ count: Int, times factor: Int) throws(ValueError) -> Int {
        let (product, productOverflows) = count.multipliedReportingOverflow(by: factor)
        let (sum, sumOverflows) = total.addingReportingOverflow(product)
        if productOverflows || sumOverflows { throw ValueError("this duration is too long to be counted") }
        return sum
    }

    /// In whole milliseconds: no setting is finer. Years and weeks stand alone: 90 days are no 12 weeks and 6 days.
    public static func write(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var rest = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        if rest == 0 { return "0s" }
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            if unit.milliseconds > longestCombined, rest % unit.milliseconds != 0 { continue }
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
