/// Something in a configuration that a person has to look at.
public struct Problem: Sendable, Hashable {
    public enum Severity: Sendable, Hashable, Comparable {
        case error
        case warning
    }

    public let file: String
    /// From 1; nil when the file as a whole is meant.
    public let line: Int?
    /// From 1, in characters (Unicode scalars).
    public let column: Int?
    public let message: String
    public let severity: Severity

    init(at place: Place, _ message: String, severity: Severity = .error) {
        file = place.file
        line = place.position?.line
        column = place.position?.column
        self.message = withoutControlCharacters(message)
        self.severity = severity
    }
}

extension Problem: CustomStringConvertible {
    /// The form that compilers use, so that editors jump to it.
    public var description: String {
        let place = if let line, let column { "\(file):\(line):\(column)" } else { file }
        return severity == .warning ? "\(place): warning: \(message)" : "\(place): \(message)"
    }
}

extension Problem: Comparable {
    /// By file, then by place; what concerns a whole file comes first.
    public static func < (left: Problem, right: Problem) -> Bool {
        (left.file, left.line ?? 0, left.column ?? 0, left.severity, left.message)
            < (right.file, right.line ?? 0, right.column ?? 0, right.severity, right.message)
    }
}

/// What is found in the course of one loading, by all who take part in it.
final class ProblemLog {
    private(set) var problems: [Problem] = []
    /// What stands in a table that is read several times is said once.
    private var said: Set<Problem> = []

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    func error(_ message: String, at place: Place) { add(Problem(at: place, message)) }

    func warning(_ message: String, at place: Place) { add(Problem(at: place, message, severity: .warning)) }

    private func add(_ problem: Problem) {
        if said.insert(problem).inserted { problems.append(problem) }
    }
}

/// Messages repeat what files hold, and go to terminals.
private func withoutControlCharacters(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.properties.generalCategory == .control {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
