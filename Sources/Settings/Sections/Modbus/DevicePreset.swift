import Polling

/// `preset = "devices/sdm630"`: what a file says of a device, beside which the table says the rest.
///
/// The file has points and any keys of a device that are the same for all devices of its kind. What the table says takes
/// the place of what the file says, and its points are added.
struct DevicePreset {
    /// Where the package has its own.
    private static let directories = ["/usr/share/outpost/", "/usr/local/share/outpost/"]
    private static let suffix = ".toml"
    private static let sizeLimit = 1 << 20
    /// Only a device itself has these.
    private static let own = ["name", "unit", "series", "preset"]

    private let table: Table

    /// Nil where none is named, or none can be read, which is then in the log.
    init?(_ reader: TableReader) {
        guard let name = reader.text("preset", example: "devices/sdm630") else {
            if !reader.has("preset") { reader.refuse(["base"], because: "needs preset beside it") }
            return nil
        }
        guard let file = Self.find(name, reader), let table = parseToml(file.bytes, file: file.path, log: reader.log)
        else { return nil }
        for key in Self.own {
            guard let member = table[key] else { continue }
            reader.log.error(
                "\(key) has no place in a preset: it is said where the preset is named", at: member.keyPlace)
        }
        self.table = table
    }

    /// As a device of the configuration has it: with this preset filled in.
    func filled(into reader: TableReader) -> Table {
        let base = Self.base(reader) ?? Self.base(in: table, reader)
        var members = reader.members.filter { !["preset", "base", "point"].contains($0.key) }
        // Who says where the block is needs no search for it.
        let said = Set(members.map(\.key) + Self.own + (reader.has("base") ? ["sunspec"] : []))
        members += table.members.filter { !said.contains($0.key) && $0.key != "base" && $0.key != "point" }
        return Table(members: members + points(with: reader.member("point"), movedBy: base ?? 0))
    }

    /// Those of the file, then those of the configuration. What is no array is left as it is: whoever reads the result says so.
    private func points(with added: Table.Member?, movedBy base: Int) -> [Table.Member] {
        guard var mine = table["point"] else { return added.map { [$0] } ?? [] }
        guard case .array(let points) = mine.value.content else { return [mine] }
        var all = points.map { $0.moved(by: base) }
        if let added {
            guard case .array(let more) = added.value.content else { return [added] }
            all += more
        }
        mine.value.content = .array(all)
        return [mine]
    }

    private static func base(_ reader: TableReader) -> Int? {
        guard reader.has("base") else { return nil }
        return reader.integer("base", default: 40_069, in: 0...65_535)
    }

    private static func base(in table: Table, _ reader: TableReader) -> Int? {
        guard let member = table["base"] else { return nil }
        if case .integer(let base) = member.value.content { return base }
        reader.reportType(of: member, expected: "an integer", example: "40069")
        return nil
    }

    // MARK: - Finding

    private static func find(_ name: String, _ reader: TableReader) -> (path: String, bytes: [UInt8])? {
        let place = reader.place(of: "preset")
        let file = name.hasSuffix(suffix) ? name : name + suffix
        let resolved = FilePath.resolve(file, relativeToFile: place.file)
        let paths = [resolved] + (file.hasPrefix("/") ? [] : directories.map { $0 + file })
        for path in paths {
            do throws(FileProblem) {
                return (path, try reader.files.read(path, limit: sizeLimit))
            } catch {
                if error.kind == .missing { continue }
                reader.log.error("preset: \(error.explain(path, limit: "a preset has 1 MiB"))", at: place)
                return nil
            }
        }
        reader.log.error("preset: there is no file \(paths.joined(separator: ", and no "))", at: place)
        return nil
    }
}

extension Node {
    /// A point of a block that begins elsewhere.
    fileprivate func moved(by base: Int) -> Node {
        guard base != 0, case .table(var table) = content else { return self }
        for index in table.members.indices where ["address", "scale_register"].contains(table.members[index].key) {
            guard case .integer(let address) = table.members[index].value.content else { continue }
            table.members[index].value.content = .integer(address.addingReportingOverflow(base).partialValue)
        }
        var node = self
        node.content = .table(table)
        return node
    }
}
