/// A pattern for names of series: `*` is any characters within one level, `?` is one character, `**` as a whole level
/// is any number of levels, none included. Everything else stands for itself.
public struct SeriesGlob: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    private let levels: [Level]

    private enum Level: Hashable {
        case anyLevels
        case one([Token])
    }

    private enum Token: Hashable {
        case anyCharacters
        case anyCharacter
        case literal(Unicode.Scalar)
    }

    public init(_ pattern: String) {
        description = pattern
        levels = Self.split(pattern).map { level in
            if level.elementsEqual("**".unicodeScalars) { return .anyLevels }
            return .one(
                level.map { character in
                    switch character {
                    case "*": .anyCharacters
                    case "?": .anyCharacter
                    default: .literal(character)
                    }
                })
        }
    }

    /// The one name that it matches, where it is no pattern.
    public var name: SeriesName? {
        let isName = levels.allSatisfy { level in
            guard case .one(let tokens) = level else { return false }
            return tokens.allSatisfy { $0 != .anyCharacters && $0 != .anyCharacter }
        }
        return isName ? SeriesName(description) : nil
    }

    public func matches(_ name: SeriesName) -> Bool {
        Self.matches(levels, Self.split(name.description), run: .anyLevels, matchesOne: Self.matches)
    }

    private static func matches(_ level: Level, _ characters: [Unicode.Scalar]) -> Bool {
        guard case .one(let tokens) = level else { return true }
        return matches(tokens, characters, run: .anyCharacters) { token, character in
            token == .anyCharacter || token == .literal(character)
        }
    }

    private static func split(_ path: String) -> [[Unicode.Scalar]] {
        path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map(Array.init)
    }

    /// Whether the pattern covers all of `subject`, where `run` stands for any number of elements. At a mismatch the
    /// last run takes one element more; the runs before it need not change, so the work is never more than the
    /// product of the two lengths.
    private static func matches<Pattern: Equatable, Element>(
        _ pattern: [Pattern], _ subject: [Element], run: Pattern, matchesOne: (Pattern, Element) -> Bool
    ) -> Bool {
        var next = 0
        var position = 0
        var afterRun: (next: Int, position: Int)?
        while position < subject.count {
            if next < pattern.count, pattern[next] == run {
                next += 1
                afterRun = (next, position)
            } else if next < pattern.count, matchesOne(pattern[next], subject[position]) {
                next += 1
                position += 1
            } else if let start = afterRun {
                (next, position) = (start.next, start.position + 1)
                afterRun = (next, position)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == run }
    }
}
