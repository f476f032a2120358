import Platform
import Readings
import SQLite

/// The names of series as `journal.db` and `history.db` both keep them: either is readable without the other.
package enum SeriesRows {
    package static func tableDefinition(_ table: String) -> String {
        """
        CREATE TABLE \(table)(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT, tags TEXT,
            checksum INTEGER NOT NULL)
        """
    }

    /// A statement for `put`.
    package static func insertion(into table: String) -> String {
        "INSERT OR REPLACE INTO \(table) VALUES(?, ?, ?, ?, ?)"
    }

    package static func put(_ definition: SeriesDefinition, as id: SeriesID, _ insertion: Statement) throws(SQLiteError)
    {
        let tags = definition.tags.isEmpty ? nil : JSON.object(definition.tags).description
        let name = definition.name.description
        insertion.bind(0, Int64(id.rawValue))
        insertion.bind(1, name)
        insertion.bind(2, definition.unit)
        insertion.bind(3, tags)
        insertion.bind(4, checksum(id: id, name: name, unit: definition.unit, tags: tags))
        try insertion.run()
    }

    /// Over everything in a row of `series`: a name with a flipped bit must not pass for another series.
    private static func checksum(id: SeriesID, name: String, unit: String?, tags: String?) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for shift in stride(from: 0, to: 32, by: 8) { add(UInt8(truncatingIfNeeded: id.rawValue >> shift)) }
        for text in [name, unit ?? "", tags ?? ""] {
            text.utf8.forEach(add)
            add(0)
        }
        return Int64(bitPattern: hash)
    }

    package struct Stored {
        package var id: SeriesID
        /// Nil when the row does not agree with its checksum.
        package var definition: SeriesDefinition?

        package var definitionOrUnnamed: SeriesDefinition { definition ?? SeriesRows.unnamed(id) }
    }

    /// Readings are kept even where the name of their series is lost.
    package static func unnamed(_ id: SeriesID) -> SeriesDefinition {
        SeriesDefinition(name: SeriesName(path: "unnamed/\(id.rawValue)"))
    }

    static func stored(
        id: Int64, name: String, unit: String?, tags: String?, checksum: Int64, parseTags: (String) -> [String: String]
    ) -> Stored? {
        guard let number = UInt32(exactly: id) else { return nil }
        let id = SeriesID(number)
        guard checksum == Self.checksum(id: id, name: name, unit: unit, tags: tags), let name = SeriesName(name) else {
            return Stored(id: id, definition: nil)
        }
        return Stored(
            id: id, definition: SeriesDefinition(name: name, unit: unit, tags: tags.map(parseTags) ?? [:]))
    }

    package static func read(_ table: String, of connection: Connection) throws(SQLiteError) -> [Stored] {
        let tagsOf = try connection.prepare("SELECT key, value FROM json_each(?)")
        func parse(_ text: String) -> [String: String] {
            var tags: [String: String] = [:]
            tagsOf.bind(0, text)
            defer { tagsOf.reset() }
            while (try? tagsOf.step()) == true { tags[tagsOf.text(0) ?? ""] = tagsOf.text(1) }
            return tags
        }
        let rows = try connection.prepare("SELECT id, name, unit, tags, checksum FROM \(table) ORDER BY id")
        var result: [Stored] = []
        while try rows.step() {
            guard
                let stored = stored(
                    id: rows.integer(0), name: rows.text(1) ?? "", unit: rows.text(2), tags: rows.text(3),
                    checksum: rows.integer(4), parseTags: parse)
            else { continue }
            result.append(stored)
        }
        return result
    }

    /// A row of such a table, found in a page of a damaged file, that agrees with its checksum.
    package static func definition(_ rowID: Int64, _ columns: [DatabasePages.Column]) -> SeriesDefinition? {
        guard columns.count == 5, case .text(let name) = columns[1], case .integer(let checksum) = columns[4] else {
            return nil
        }
        func text(_ column: DatabasePages.Column) -> String? {
            if case .text(let bytes) = column { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
        // Tags come back with the next message of the series.
        return stored(
            id: rowID, name: String(decoding: name, as: UTF8.self), unit: text(columns[2]), tags: text(columns[3]),
            checksum: checksum, parseTags: { _ in [:] })?.definition
    }
}
