/// How a payload that is one value is read.
public struct NumberMapping: Sendable, Hashable {
    public var words: NumberWords
    /// What is no number is a text.
    public var texts: Bool

    public init(words: NumberWords = .usual, texts: Bool = false) {
        self.words = words
        self.texts = texts
    }
}
