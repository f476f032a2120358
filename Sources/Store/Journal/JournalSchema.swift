import SQLite

/// The tables of `journal.db`, and what makes a row of them believable.
package enum JournalSchema {
    package static let fileName = "journal.db"
    /// The application ID is "OPJ1".
    static let format = DatabaseFormat(
        kind: "journal", applicationID: 0x4F50_4A31, version: 1, pageBytes: 1024, shrinksInSteps: false,
        tables: tables, laterTables: laterTables)

    private static let tables = """
        CREATE TABLE batches(sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
            count INTEGER NOT NULL, body BLOB NOT NULL);
        \(SeriesRows.tableDefinition("series"));
        CREATE TABLE cursors(reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE gaps(source TEXT, reason TEXT, hour INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY(source, reason, hour)) WITHOUT ROWID;
        CREATE TABLE dead_letters(source TEXT, topic TEXT, reason TEXT, detail TEXT NOT NULL, payload BLOB,
            count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY(source, topic, reason)) WITHOUT ROWID
        """

    private static let laterTables = [audit, AlarmRows.tables]

    private static let audit = """
        CREATE TABLE audit(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, action TEXT NOT NULL,
            target TEXT NOT NULL, value TEXT NOT NULL, by TEXT NOT NULL, outcome TEXT NOT NULL)
        """
}
