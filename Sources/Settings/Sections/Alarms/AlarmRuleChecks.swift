import Alarms

/// What no two alarms may share, and what they say of others.
struct AlarmRuleChecks {
    private struct Named {
        var rule: AlarmRule
        var place: Place
        var actionsPlace: Place
    }

    private var rules: [Named] = []
    private var places: [String: Place] = [:]
    /// The gateway has these itself: an action was over too late, and many alarms at once.
    private static let taken = ["alarm-latency", "flood"]

    mutating func check(_ rule: AlarmRule, _ table: TableReader) {
        let place = table.place(of: "name")
        if let other = places.updateValue(place, forKey: rule.name) {
            table.log.error("name: \(quoted(rule.name)) is the name of the alarm at \(other) too", at: place)
        }
        if Self.taken.contains(rule.name) {
            table.log.error("name: \(quoted(rule.name)) is an alarm of the gateway's own", at: place)
        }
        rules.append(Named(rule: rule, place: voted(table) ?? place, actionsPlace: table.place(of: "actions")))
    }

    private func voted(_ table: TableReader) -> Place? {
        ["all", "any", "not"].first { table.has($0) }.map { table.place(of: $0) }
    }

    /// Once all are known. They look at others that are there, and none at itself by way of others.
    func checkVotes(_ log: ProblemLog) {
        let names = rules.map(\.rule.name)
        for named in rules {
            for name in named.rule.voters where !names.contains(name) {
                log.error(
                    "there is no alarm \(quoted(name))\(Suggestions.hint(for: name, among: names))", at: named.place)
            }
            if reaches(named.rule.name, from: named.rule, []) {
                log.error("\(named.rule.name) looks at itself by way of others", at: named.place)
            }
        }
    }

    private func reaches(_ name: String, from rule: AlarmRule, _ seen: Set<String>) -> Bool {
        rule.voters.contains { voter in
            if voter == name { return true }
            guard !seen.contains(voter), let next = rules.first(where: { $0.rule.name == voter }) else { return false }
            return reaches(name, from: next.rule, seen.union([voter]))
        }
    }

    /// That the actions of all are there.
    func checkActions(_ known: [String], _ log: ProblemLog) {
        for named in rules {
            for name in named.rule.actions where !known.contains(name) {
                let hint = Suggestions.hint(for: name, among: known)
                log.error("actions: there is no [[action]] \(quoted(name))\(hint)", at: named.actionsPlace)
            }
        }
    }
}

extension AlarmRule {
    /// The rules that it looks at.
    fileprivate var voters: [String] {
        if case .vote(let vote) = condition { vote.rules } else { [] }
    }
}
