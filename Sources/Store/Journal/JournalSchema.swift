import Readings
import SQLite

/// The tables of `journal.db`, and what makes a row of them believable.
enum JournalSchema {
    static let fileName = "journal.db"
    /// "OPJ1".
    static let applicationID: Int64 = 0x4F50_4A31
    /// The version in each of the four bytes: a flipped bit does not look like another version.
    static let version: Int64 = 0x0101_0101

    static let create = """
        CREATE TABLE batches(sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
            count INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE series(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT, tags TEXT,
            checksum INTEGER NOT NULL);
        CREATE TABLE cursors(reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE gaps(source TEXT, reason TEXT, hour INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY(source, reason, hour)) WITHOUT ROWID;
        CREATE TABLE dead_letters(source TEXT, topic TEXT, reason TEXT, detail TEXT NOT NULL, payload BLOB,
            count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY(source, topic, reason)) WITHOUT ROWID;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        """

    /// What the first 100 bytes of the file hold for good: where SQLite would believe a flipped bit, or only refuse to
    /// write, it must be known that the file is damaged.
    static func isIntact(header: [UInt8]) -> Bool {
        func number(_ offset: Int) -> Int64 { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int64($1) } }
        return header.count == 100 && header.starts(with: Array("SQLite format 3\0".utf8))
            && Array(header[16..<24]) == [0x10, 0x00, 2, 2, 0, 64, 32, 32] && number(44) == 4
            && [0, 1].contains(number(56)) && number(68) == applicationID
    }

    /// Whether the tables are those that `create` makes.
    static func isIntact(schemaOf connection: Connection) throws(SQLiteError) -> Bool {
        let fresh = try Connection("", .memory)
        try fresh.execute(create)
        return try definitions(connection) == definitions(fresh)
    }

    private static func definitions(_ connection: Connection) throws(SQLiteError) -> [String] {
        let rows = try connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        var definitions: [String] = []
        while try rows.step() { definitions.append((0..<4).map { rows.text($0) ?? "" }.joined(separator: " ")) }
        return definitions
    }

    /// Over everything in a row of `series`: a name with a flipped bit must not pass for another series.
    static func checksum(id: SeriesID, name: String, unit: String?, tags: String?) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for shift in stride(from: 0, to: 32, by: 8) { add(UInt8(truncatingIfNeeded: id.rawValue >> shift)) }
        for text in [name, unit ?? "", tags ?? ""] {
            text.utf8.forEach(add)
            add(0)
        }
        return Int64(bitPattern: hash)
    }

    struct StoredSeries {
        var id: SeriesID
        /// Nil when the row does not agree with its checksum.
        var definition: SeriesDefinition?

        var definitionOrUnnamed: SeriesDefinition { definition ?? JournalSchema.unnamed(id) }
    }

    /// Readings are kept even where the name of their series is lost.
    static func unnamed(_ id: SeriesID) -> SeriesDefinition {
        SeriesDefinition(name: SeriesName(path: "unnamed/\(id.rawValue)"))
    }

    static func storedSeries(
        id: Int64, name: String, unit: String?, tags: String?, checksum: Int64, parseTags: (String) -> [String: String]
    ) -> StoredSeries? {
        guard let number = UInt32(exactly: id) else { return nil }
        let id = SeriesID(number)
        guard checksum == Self.checksum(id: id, name: name, unit: unit, tags: tags), let name = SeriesName(name) else {
            return StoredSeries(id: id, definition: nil)
        }
        return StoredSeries(
            id: id, definition: SeriesDefinition(name: name, unit: unit, tags: tags.map(parseTags) ?? [:]))
    }

    static func readSeries(_ connection: Connection) throws(SQLiteError) -> [StoredSeries] {
        let tagsOf = try connection.prepare("SELECT key, value FROM json_each(?)")
        func parse(_ text: String) -> [String: String] {
            var tags: [String: String] = [:]
            tagsOf.bind(0, text)
            defer { tagsOf.reset() }
            while (try? tagsOf.step()) == true { tags[tagsOf.text(0) ?? ""] = tagsOf.text(1) }
            return tags
        }
        let rows = try connection.prepare("SELECT id, name, unit, tags, checksum FROM series ORDER BY id")
        var result: [StoredSeries] = []
        while try rows.step() {
            guard
                let stored = storedSeries(
                    id: rows.integer(0), name: rows.text(1) ?? "", unit: rows.text(2), tags: rows.text(3),
                    checksum: rows.integer(4), parseTags: parse)
            else { continue }
            result.append(stored)
        }
        return result
    }
}
