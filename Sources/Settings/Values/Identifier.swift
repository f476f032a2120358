/// A short name that goes unchanged into client ids, topics and file names.
enum Identifier {
    static let rule = "1 to 64 letters, digits, \".\", \"_\" and \"-\""

    static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.count) && text.allSatisfy(\.isPlain)
    }

    static func check(_ text: String) throws(ValueError) -> String {
        if isValid(text) { return text }
        let unfit = text.firstIndex { !$0.isPlain }
        throw ValueError("a name is \(rule)", offset: unfit.map { text.utf8.distance(from: text.startIndex, to: $0) })
    }
}

extension Character {
    /// Of ASCII: a letter, a digit, ".", "_" or "-".
    var isPlain: Bool { isASCII && (isLetter || isNumber || "._-".contains(self)) }
}
