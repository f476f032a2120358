import Payloads

extension NumberMapping {
    init(_ table: TableReader) {
        self.init(words: NumberWords(table, default: .usual), texts: table.flag("texts", default: false))
    }
}

extension NumberWords {
    init(_ table: TableReader, default usual: NumberWords) {
        self.init(
            true: Self.words("true_words", table) ?? usual.trueWords,
            false: Self.words("false_words", table) ?? usual.falseWords,
            null: Self.words("null_words", table) ?? usual.nullWords)
        check("false_words", falseWords, isNot: trueWords, "true", table)
        check("null_words", nullWords, isNot: trueWords + falseWords, "true or false", table)
    }

    private func check(
        _ key: String, _ words: [String], isNot others: [String], _ kind: String, _ table: TableReader
    ) {
        let both = Set(words.map { $0.lowercased() }).intersection(others.map { $0.lowercased() })
        guard let word = both.min() else { return }
        table.log.error("\(key): \(quoted(word)) is one of the \(kind) words too", at: table.place(of: key))
    }

    private static func words(_ key: String, _ table: TableReader) -> [String]? {
        table.list(key, example: "[\"yes\", \"open\"]") { (text) throws(ValueError) in text }
    }
}
