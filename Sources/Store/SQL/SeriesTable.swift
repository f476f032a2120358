import Journal
import Platform
import Readings
import SQLite

/// `series`: (series, unit, tags), the tags as a JSON object.
final class SeriesTable: VirtualTable {
    let declaration = "CREATE TABLE x(series TEXT, unit TEXT, tags TEXT)"
    private let reader: JournalReader

    init(_ reader: JournalReader) { self.reader = reader }

    func plan(_ conditions: [Condition], orderedBy order: [Ordering]) -> Plan {
        Plan(
            wanted: [], number: 0, cost: Double(reader.series.count),
            isOrdered: order.count == 1 && order[0].column == 0 && !order[0].descending)
    }

    func rows(number: Int, arguments: [SQLValue]) -> any VirtualRows {
        let rows = reader.series.values.sorted { $0.name < $1.name }.map { definition -> [SQLValue] in
            [
                .text(definition.name.description), definition.unit.map(SQLValue.text) ?? .null,
                .text(JSON.object(definition.tags).description),
            ]
        }
        return ListedRows(rows)
    }
}

/// `gaps` and `dead_letters`, as the journal has them.
final class LogTable: VirtualTable {
    private let reader: JournalReader
    private let table: JournalReader.Log

    init(_ reader: JournalReader, _ table: JournalReader.Log) {
        self.reader = reader
        self.table = table
    }

    var declaration: String { "CREATE TABLE x(\(table.columns.joined(separator: ", ")))" }

    func plan(_ conditions: [Condition], orderedBy order: [Ordering]) -> Plan {
        Plan(wanted: [], number: 0, cost: 1000, isOrdered: false)
    }

    func rows(number: Int, arguments: [SQLValue]) throws -> any VirtualRows { ListedRows(try reader.rows(of: table)) }
}

private final class ListedRows: VirtualRows {
    private let rows: [[SQLValue]]
    private var position = -1

    init(_ rows: [[SQLValue]]) { self.rows = rows }

    func next() -> Bool {
        position += 1
        return position < rows.count
    }

    func column(_ column: Int) -> SQLValue { rows[position][column] }
}
