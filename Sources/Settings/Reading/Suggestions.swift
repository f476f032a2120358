/// Helps a person who mistyped one of a few known words.
public enum Suggestions {
    private static let fewWords = 13

    /// `, did you mean "interval"?`, or else `; known are ...`, or nothing where that would be a long list.
    static func hint(for word: String, among known: [String]) -> String {
        if let closest = closest(to: word, among: known) { return ", did you mean \"\(closest)\"?" }
        if known.isEmpty || known.count > fewWords { return "" }
        return "; known are " + known.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// The word that the fewest typing mistakes lead to; nil when they would be more than a third of it.
    public static func closest(to word: String, among known: [String]) -> String? {
        let letters = Array(word.unicodeScalars.prefix(longestWord + 1))
        guard letters.count <= longestWord else { return nil }
        let distances = known.map { candidate -> (word: String, mistakes: Int, allowed: Int) in
            let other = Array(candidate.unicodeScalars)
            return (candidate, mistakes(from: letters, to: other), max(letters.count, other.count) / 3)
        }
        return distances.filter { $0.mistakes <= $0.allowed }.min { $0.mistakes < $1.mistakes }?.word
    }

    /// Longer ones are not mistyped, and the comparison is quadratic.
    private static let longestWord = 64

    /// Damerau and Levenshtein's distance: letters added, left out, replaced, or swapped with their neighbour.
    private static func mistakes(from word: [Unicode.Scalar], to other: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for i in word.indices {
            var row = [i + 1]
            for j in other.indices {
                var fewest = min(last[j + 1] + 1, row[j] + 1, last[j] + (word[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, word[i] == other[j - 1], word[i - 1] == other[j] {
                    fewest = min(fewest, beforeLast[j - 1] + 1)
                }
                row.append(fewest)
            }
            beforeLast = last
            last = row
        }
        return last[other.count]
    }
}
