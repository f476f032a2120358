import Readings
import Settings

/// The command line was wrong.
struct UsageError: Error {
    let message: String
}

/// What a command understands.
struct ArgumentRules {
    /// Options with a value: `--data DIR` or `--data=DIR`.
    var values: Set<String> = []
    var flags: Set<String> = []
    /// How many words without a dash may come.
    var words: ClosedRange<Int> = 0...0
}

struct Arguments {
    private(set) var words: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    init(_ arguments: [String], _ rules: ArgumentRules) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                words.append(argument)
                continue
            }
            let equals = argument.firstIndex(of: "=")
            let name = String(argument[..<(equals ?? argument.endIndex)])
            if rules.values.contains(name) {
                guard let value = equals.map({ String(argument[argument.index(after: $0)...]) }) ?? rest.popFirst()
                else {
                    throw UsageError(message: "\(name) needs a value")
                }
                guard values.updateValue(value, forKey: name) == nil else {
                    throw UsageError(message: "\(name) is given twice")
                }
            } else if rules.flags.contains(name), equals == nil {
                flags.insert(name)
            } else {
                let known = Array(rules.values.union(rules.flags))
                let hint = Suggestions.closest(to: name, among: known).map { ", did you mean \($0)?" } ?? ""
                throw UsageError(message: "unknown option \(name)\(hint)")
            }
        }
        guard rules.words.contains(words.count) else {
            throw UsageError(
                message: words.count < rules.words.lowerBound
                    ? "something is missing"
                    : "too many words: \(words[rules.words.upperBound...].joined(separator: " "))")
        }
    }

    subscript(_ option: String) -> String? { values[option] }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// `--for 10s` and the like, in seconds.
    func seconds(_ option: String) throws(UsageError) -> Double? {
        guard let text = values[option] else { return nil }
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            if let number = Double(text.dropLast(unit.count)), number > 0, number.isFinite { return number * factor }
        }
        throw UsageError(message: "\(option) takes a time such as 10s or 2m, not \"\(text)\"")
    }

    /// In microseconds since 1970.
    func moment(_ option: String) throws(UsageError) -> Int64? {
        guard let text = values[option] else { return nil }
        if let time = Int64(text) ?? Timestamp(rfc3339: text)?.microseconds { return time }
        throw UsageError(
            message: "\(option) takes a moment such as 2026-11-20T06:00:00Z or microseconds since 1970, not \"\(text)\""
        )
    }

    /// One of a few words.
    func word<Word: RawRepresentable<String>>(_ option: String, _ known: [Word]) throws(UsageError) -> Word? {
        guard let text = values[option] else { return nil }
        if let word = Word(rawValue: text) { return word }
        throw UsageError(message: "\(option) is \(known.map(\.rawValue).joined(separator: " or ")), not \"\(text)\"")
    }

    func integer(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = values[option] else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        throw UsageError(
            message: "\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
}
