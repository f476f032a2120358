/// What a file holds, as a message repeats it: not without end.
func quoted(_ text: some StringProtocol) -> String {
    let longest = 64
    let start = text.unicodeScalars.prefix(longest)
    let dots = start.endIndex == text.endIndex ? "" : "..."
    return "\"\(String(String.UnicodeScalarView(start)))\(dots)\""
}

extension [String] {
    /// `1m, 1h and 1d`.
    var joinedAsWords: String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + " and " + self[count - 1]
    }
}
