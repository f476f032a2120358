/// What a file holds, as a message repeats it: not without end.
func quoted(_ text: some StringProtocol) -> String {
    let longest = 64
    let start = text.unicodeScalars.prefix(longest)
    let dots = start.endIndex == text.endIndex ? "" : "..."
    return "\"\(String(String.UnicodeScalarView(start)))\(dots)\""
}
