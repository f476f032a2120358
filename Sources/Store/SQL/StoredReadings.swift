import Journal
import Readings

/// The readings of a store as they count: each (series, time) once, the last arrival, ordered by series and time.
///
/// The journal is in the order of arrival, so it is gone through as often as memory demands: as many series at a time
/// as have about `mostRows` readings together.
public struct StoredReadings {
    public struct Selection: Sendable {
        /// Nil: all.
        public var names: (@Sendable (SeriesName) -> Bool)?
        public var range: JournalReader.Range

        public init(
            names: (@Sendable (SeriesName) -> Bool)? = nil, range: JournalReader.Range = JournalReader.Range()
        ) {
            self.names = names
            self.range = range
        }
    }

    private struct Row {
        var time: Int64
        var value: Value
        var quality: Quality
    }

    private let reader: JournalReader
    private let selection: Selection
    /// Some 40 MB. A single series with more is taken whole.
    var mostRows = 300_000

    public init(_ reader: JournalReader, _ selection: Selection = Selection()) {
        self.reader = reader
        self.selection = selection
    }

    /// The series that have readings here, by name, and how many at most.
    func counts() throws -> [(id: SeriesID, count: Int)] {
        var counts: [SeriesID: Int] = [:]
        try forEachRow { id, _, _, _ in counts[id, default: 0] += 1 }
        return counts.map { ($0.key, $0.value, reader.definition(of: $0.key).name) }
            .sorted { ($0.2, $0.0) < ($1.2, $1.0) }
            .map { ($0.0, $0.1) }
    }

    /// Splits the series into groups that fit into memory.
    func groups() throws -> [[SeriesID]] {
        var groups: [[SeriesID]] = []
        var room = 0
        for (id, count) in try counts() {
            if count > room || groups.isEmpty {
                groups.append([])
                room = mostRows
            }
            groups[groups.count - 1].append(id)
            room -= count
        }
        return groups
    }

    /// The readings of a group, in its order.
    func readings(of group: [SeriesID]) throws -> [Reading] {
        var rows: [SeriesID: [Row]] = [:]
        for id in group { rows[id] = [] }
        try forEachRow(only: Set(group)) { id, batch, row, time in
            rows[id]!.append(Row(time: time, value: batch.value(at: row), quality: batch.qualities[row]))
        }
        var result: [Reading] = []
        for id in group { append(rows.removeValue(forKey: id)!, of: id, to: &result) }
        return result
    }

    public func forEachReading(_ body: (Reading) throws -> Void) throws {
        for group in try groups() {
            for reading in try readings(of: group) { try body(reading) }
        }
    }

    /// The newest reading of each series, by name.
    public func latest() throws -> [Reading] {
        var latest: [SeriesID: Reading] = [:]
        try forEachRow { id, batch, row, time in
            if let known = latest[id], known.time.microseconds > time { return }
            latest[id] = batch[row]
        }
        return latest.values.sorted {
            (reader.definition(of: $0.series).name, $0.series) < (reader.definition(of: $1.series).name, $1.series)
        }
    }

    private func append(_ rows: [Row], of id: SeriesID, to result: inout [Reading]) {
        // Swift's sort is stable: of the rows for one moment the last that arrived comes last.
        let sorted =
            zip(rows, rows.dropFirst()).allSatisfy { $0.time <= $1.time } ? rows : rows.sorted { $0.time < $1.time }
        for (index, row) in sorted.enumerated() {
            if index + 1 < sorted.count, sorted[index + 1].time == row.time { continue }
            result.append(
                Reading(
                    series: id, time: Timestamp(microseconds: row.time), value: row.value, quality: row.quality))
        }
    }

    private func forEachRow(
        only group: Set<SeriesID>? = nil,
        _ body: (_ series: SeriesID, _ batch: borrowing ReadingBatch, _ row: Int, _ time: Int64) -> Void
    ) throws {
        let range = selection.range
        var wanted: [SeriesID: Bool] = [:]
        func isWanted(_ id: SeriesID) -> Bool {
            if let group { return group.contains(id) }
            guard let names = selection.names else { return true }
            if let known = wanted[id] { return known }
            wanted[id] = names(reader.definition(of: id).name)
            return wanted[id]!
        }
        try reader.forEachBatch(in: range) { batch in
            // Rows come grouped by series.
            var run: (id: SeriesID, isWanted: Bool)?
            for row in 0..<batch.count {
                let id = batch.series[row]
                if run?.id != id { run = (id, isWanted(id)) }
                let time = batch.times[row]
                if run!.isWanted, time >= range.first, time <= range.last { body(id, batch, row, time) }
            }
        }
    }
}
