import Payloads

extension NumberWords {
    init(_ table: TableReader) {
        self.init(
            true: Self.words("true_words", table) ?? Self.usual.trueWords,
            false: Self.words("false_words", table) ?? Self.usual.falseWords)
        if let word = Set(trueWords.map { $0.lowercased() }).intersection(falseWords.map { $0.lowercased() }).min() {
            table.log.error(
                "false_words: \(quoted(word)) is one of the true words too", at: table.place(of: "false_words"))
        }
    }

    private static func words(_ key: String, _ table: TableReader) -> [String]? {
        table.list(key, example: "[\"yes\", \"open\"]") { (text) throws(ValueError) in text }
    }
}
