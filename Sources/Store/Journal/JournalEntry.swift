import Alarms
import Readings

/// What one transaction of the journal makes durable.
public struct JournalEntry: Sendable {
    public var readings = ReadingBatch()
    public var definitions: [SeriesID: SeriesDefinition] = [:]
    public var deadLetters: [DeadLetter.Key: DeadLetter] = [:]
    public var gaps: [Gap] = []
    public var audit: [AuditEntry] = []
    public var alarms = AlarmRecords()
    /// How far each reader of the journal has come.
    public var cursors: [String: Int64] = [:]

    public init() {}

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        readings.removeAll()
        definitions.removeAll(keepingCapacity: true)
        deadLetters.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
        audit.removeAll(keepingCapacity: true)
        if !alarms.isEmpty { alarms = AlarmRecords() }
        cursors.removeAll(keepingCapacity: true)
    }

    public var isEmpty: Bool {
        readings.isEmpty && definitions.isEmpty && deadLetters.isEmpty && gaps.isEmpty && audit.isEmpty
            && cursors.isEmpty && alarms.isEmpty
    }
}
