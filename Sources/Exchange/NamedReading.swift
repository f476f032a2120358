import Readings

/// What stands in a file of readings.
public struct NamedReading: Sendable, Hashable {
    public var name: SeriesName
    /// Nil where the line has none, which line protocol allows: the importer takes the present.
    public var time: Timestamp?
    public var value: Value
    public var quality: Quality

    public init(name: SeriesName, time: Timestamp?, value: Value, quality: Quality = .good) {
        self.name = name
        self.time = time
        self.value = value
        self.quality = quality
    }
}

/// Why a record of a file gave no readings.
public struct LineProblem: Sendable, Hashable {
    /// Of the line where the record starts, from 1.
    public var line: Int
    public var message: String

    public init(line: Int, message: String) {
        self.line = line
        self.message = message
    }
}
