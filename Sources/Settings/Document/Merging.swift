extension Table {
    /// Adds what another file says: tables merge, arrays of tables append, and anything else is set once.
    mutating func merge(_ other: Table, log: ProblemLog) {
        var indices: [String: Int] = [:]
        for (index, member) in members.enumerated() { indices[member.key] = index }
        for member in other.members {
            if let index = indices[member.key] {
                members[index].merge(member, log: log)
            } else {
                members.append(member)
            }
        }
    }
}

extension Table.Member {
    fileprivate mutating func merge(_ other: Table.Member, log: ProblemLog) {
        if case .table(var mine) = value.content, case .table(let theirs) = other.value.content {
            mine.merge(theirs, log: log)
            value.content = .table(mine)
        } else if case .array(let mine) = value.content, case .array(let theirs) = other.value.content,
            value.tables != nil, other.value.tables != nil
        {
            value.content = .array(mine + theirs)
        } else if value.kind != other.value.kind {
            log.error(
                "\(quoted(key)) is \(other.value.kind) here, but \(value.kind) at \(keyPlace)", at: other.keyPlace)
        } else {
            log.error("\(quoted(key)) is set twice, first at \(keyPlace)", at: other.keyPlace)
        }
    }
}
