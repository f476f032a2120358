import Journal
import Readings
import SQLite

/// `readings` and `latest`: (series, time, value, text, quality).
final class ReadingsTable: VirtualTable {
    private enum Column: Int { case series, time, value, text, quality }

    let declaration = """
        CREATE TABLE x(series TEXT, time INTEGER, value REAL, text TEXT, quality TEXT, PRIMARY KEY(series, time))
        WITHOUT ROWID
        """
    private let reader: JournalReader
    private let isLatest: Bool

    init(_ reader: JournalReader, isLatest: Bool) {
        self.reader = reader
        self.isLatest = isLatest
    }

    /// A plan's number says what its arguments are: one bit for each condition that can be used, in this order.
    private static let usable: [(column: Column, operation: Condition.Operation)] = [
        (.series, .equal), (.series, .glob), (.time, .equal), (.time, .greater), (.time, .greaterOrEqual),
        (.time, .less),
        (.time, .lessOrEqual),
    ]

    func plan(_ conditions: [Condition], orderedBy order: [Ordering]) -> Plan {
        var number = 0
        var wanted: [Int] = []
        for (bit, usable) in Self.usable.enumerated() where !(isLatest && usable.column == .time) {
            let match = conditions.firstIndex {
                $0.column == usable.column.rawValue && $0.operation == usable.operation
            }
            if let match {
                number |= 1 << bit
                wanted.append(match)
            }
        }
        let names = order.map { Column(rawValue: $0.column) }
        let isOrdered = !order.contains(where: \.descending) && [[.series], [.series, .time]].contains(names)
        let cost = 1e9 / Double(1 + (number & 3 != 0 ? 1000 : 0) + (number >> 2 != 0 ? 10 : 0))
        return Plan(wanted: wanted, number: number, cost: cost, isOrdered: isOrdered)
    }

    func rows(number: Int, arguments: [SQLValue]) throws -> any VirtualRows {
        var selection = StoredReadings.Selection()
        var arguments = arguments[...]
        for (bit, usable) in Self.usable.enumerated() where number >> bit & 1 == 1 {
            narrow(&selection, usable.column, usable.operation, arguments.removeFirst())
        }
        let stored = StoredReadings(reader, selection)
        return isLatest
            ? ReadingRows(reader, groups: [[]]) { _ in try stored.latest() }
            : ReadingRows(reader, groups: try stored.groups(), stored.readings)
    }

    private func narrow(
        _ selection: inout StoredReadings.Selection, _ column: Column, _ operation: Condition.Operation,
        _ argument: SQLValue
    ) {
        switch (column, operation, argument) {
        case (.series, .equal, .text(let name)): selection.names = { $0.description == name }
        case (.series, .glob, .text(let pattern)):
            // SQLite checks the pattern itself; the bytes before its first special character are enough to skip by.
            let prefix = Array(pattern.utf8.prefix { !"*?[".utf8.contains($0) })
            selection.names = { $0.description.utf8.starts(with: prefix) }
        case (.time, _, .integer(let time)):
            switch operation {
            case .equal: (selection.range.first, selection.range.last) = (time, time)
            case .greater, .greaterOrEqual: selection.range.first = time
            default: selection.range.last = time
            }
        // Another type of argument: SQLite compares, and finds what it finds.
        default: break
        }
    }

    private final class ReadingRows: VirtualRows {
        private let reader: JournalReader
        private var groups: ArraySlice<[SeriesID]>
        private let load: ([SeriesID]) throws -> [Reading]
        private var readings: [Reading] = []
        private var position = -1

        init(_ reader: JournalReader, groups: [[SeriesID]], _ load: @escaping ([SeriesID]) throws -> [Reading]) {
            self.reader = reader
            self.groups = groups[...]
            self.load = load
        }

        func next() throws -> Bool {
            position += 1
            while position >= readings.count {
                guard let group = groups.popFirst() else { return false }
                readings = []
                readings = try load(group)
                position = 0
            }
            return true
        }

        func column(_ column: Int) -> SQLValue {
            let reading = readings[position]
            switch Column(rawValue: column)! {
            case .series: return .text(reader.definition(of: reading.series).name.description)
            case .time: return .integer(reading.time.microseconds)
            case .value:
                if case .number(let number) = reading.value { return .real(number) }
                return .null
            case .text:
                if case .text(let text) = reading.value { return .text(text) }
                return .null
            case .quality: return .text(reading.quality.name)
            }
        }
    }
}
