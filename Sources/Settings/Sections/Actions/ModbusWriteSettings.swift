import Polling
import Readings

/// `kind = "modbus_write"`: a point of a Modbus device is set.
public struct ModbusWriteSettings: Sendable, Hashable {
    /// The series of a point that is writable.
    public var point: SeriesName
    /// Numbers, or labels.
    public var value: String
    /// Nil: nothing is written when it is over.
    public var clearValue: String?
    /// What is written when nobody watches over it any more; nil: nothing.
    public var failsafe: String?
}

extension ModbusWriteSettings {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, _ rules: ActionRules) {
        var target: (unit: UInt8, point: Point)?
        let series = table.parsed("point", example: "main-io/siren", isRequired: true) { (text) throws(ValueError) in
            let series = SeriesName(path: text)
            target = try rules.point(series)
            return series
        }
        let value = Self.value("value", target, table)
        if !table.has("value") { table.reportMissing("value = 1") }
        clearValue = Self.value("clear_value", target, table)
        failsafe = Self.value("failsafe", target, table)
        guard let series, let value else { return nil }
        point = series
        self.value = value
    }

    private static func value(
        _ key: String, _ target: (unit: UInt8, point: Point)?, _ table: TableReader
    ) -> String? {
        guard let member = table.member(key), let text = text(of: member, table) else { return nil }
        guard let target else { return text }
        do throws(WritingProblem) { _ = try target.point.writing(text, unit: target.unit) } catch {
            table.log.error("\(key): \(error)", at: member.value.place)
        }
        return text
    }

    private static func text(of member: Table.Member, _ table: TableReader) -> String? {
        switch member.value.content {
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .text(let text): return text.string
        default:
            table.reportType(of: member, expected: "a number or one of its labels", example: "1")
            return nil
        }
    }
}
