import Readings

/// Which values of a document are wanted where all could be. What was decided for a key is kept.
struct JSONSelection {
    /// Past so many of either, all are forgotten and decided anew: a flood of keys costs time, not memory.
    private static let mostKeys = 4096

    private let rules: JSONMapping.Everything
    private let exceptions: [String]
    private var taken = ByteIndex()
    private var ignored = ByteIndex()

    var texts: Bool { rules.texts }

    /// `exceptions` are the keys of what is no reading, such as the time.
    init(_ rules: JSONMapping.Everything, except exceptions: [String]) {
        self.rules = rules
        self.exceptions = exceptions
    }

    /// What is left out is so because a rule says so, and not for what it is.
    var hasRules: Bool { !rules.include.isEmpty || !rules.ignore.isEmpty }

    mutating func takes(_ key: UnsafeRawBufferPointer) -> Bool {
        if taken.position(of: key) != nil { return true }
        if ignored.position(of: key) != nil { return false }
        let isTaken = decide(String(decoding: key, as: UTF8.self))
        if isTaken { Self.note(key, in: &taken) } else { Self.note(key, in: &ignored) }
        return isTaken
    }

    private static func note(_ key: UnsafeRawBufferPointer, in index: inout ByteIndex) {
        if index.count >= mostKeys { index.removeAll() }
        index.append(key)
    }

    private func decide(_ key: String) -> Bool {
        guard !exceptions.contains(key) else { return false }
        let name = SeriesName(path: key)
        return (rules.include.isEmpty || rules.include.contains { $0.matches(name) })
            && !rules.ignore.contains { $0.matches(name) }
    }
}
