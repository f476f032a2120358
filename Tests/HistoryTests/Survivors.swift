import Readings
import TestSupport

@testable import History

/// What a store must hold after an accident: what was acknowledged, and of what was under way as much as came through.
struct Survivors {
    let acknowledged: ModelStore.Rows
    /// With what was under way.
    let submitted: ModelStore.Rows
    /// Readings before these moments may have been deleted.
    let kept: [SeriesID: Int64]

    init(acknowledged: ModelStore.Rows, submitted: ModelStore.Rows, kept: [SeriesID: Int64]) {
        self.acknowledged = acknowledged
        self.submitted = submitted
        self.kept = kept
    }

    init(_ store: ModelStore) {
        self.init(
            acknowledged: store.rows, submitted: store.submitted, kept: store.traces.mapValues { $0.readings })
    }

    /// What is missing or wrong in a directory, and what the store finds when it looks through itself.
    func problems(in directory: TemporaryDirectory) throws -> [String] {
        var problems: [String] = []
        let reader = try StoreReader(directory: directory.path)
        for (series, kept) in kept {
            try check(series, try found(reader, series, &problems), from: kept, &problems)
        }
        problems += reader.damages
        try StoreVerification(directory: directory.path, report: { problems.append($0) }).run()
        return problems
    }

    private func found(
        _ reader: StoreReader, _ series: SeriesID, _ problems: inout [String]
    ) throws -> [Int64: ModelStore.Row] {
        var found: [Int64: ModelStore.Row] = [:]
        let scan = try reader.scan(series, TimeRange())
        while try scan.next() {
            for row in scan.rows {
                let reading = scan.batch[row]
                let stored = ModelStore.Row(value: reading.value, quality: reading.quality)
                if found.updateValue(stored, forKey: reading.time.microseconds) != nil {
                    problems.append("\(reading) is there twice")
                }
            }
        }
        return found
    }

    private func check(
        _ series: SeriesID, _ found: [Int64: ModelStore.Row], from kept: Int64, _ problems: inout [String]
    ) throws {
        let (acknowledged, submitted) = (acknowledged[series] ?? [:], submitted[series] ?? [:])
        for (time, row) in found where row != acknowledged[time] && row != submitted[time] {
            problems.append("series \(series.rawValue) at \(time): \(row), which never was the last to arrive")
        }
        let missing = acknowledged.keys.filter { $0 >= kept && found[$0] == nil }
        if let first = missing.min() {
            problems.append("series \(series.rawValue): \(missing.count) readings are missing, the first of \(first)")
        }
    }
}
