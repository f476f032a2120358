import Settings

/// A configuration: settings or an error, the same every time.
struct SettingsFuzz: FuzzTarget {
    private struct OneFile: SettingsFiles {
        static let path = "etc/outpost.toml"
        let contents: [UInt8]

        func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
            guard path == Self.path else { throw FileProblem(kind: .missing, message: "nothing there") }
            return contents
        }

        func list(_ directory: String) throws(FileProblem) -> [String] {
            throw FileProblem(kind: .missing, message: "nothing there")
        }

        func isReadableByOthers(_ path: String) -> Bool { false }
    }

    private func load(_ contents: [UInt8]) -> LoadedSettings {
        Settings.load(
            OneFile.path, files: OneFile(contents: contents), environment: { $0 == "HOME" ? "/root" : nil },
            hostname: "host")
    }

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let contents = Array(input)
        let first = load(contents)
        if first.settings == nil, first.problems.isEmpty { return "neither settings nor a problem" }
        let problems = first.problems.map(\.description)
        if problems.contains("") { return "a problem that says nothing" }
        let second = load(contents)
        if second.problems.map(\.description) != problems { return "other problems the second time" }
        return (second.settings == nil) == (first.settings == nil) ? nil : "only once settings"
    }
}
