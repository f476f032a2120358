/// When each alarm is due. The earliest of all is at hand, and what is due is found without a look at the others: a binary
/// tree whose leaves are the alarms, and each node of which has the lesser of its two.
struct DueTimes {
    /// The root is at 1, the leaves are the last half.
    private var nodes: [Int64] = [.max, .max]
    private(set) var count = 0

    private var room: Int { nodes.count / 2 }

    /// `.max`: nothing is.
    var earliest: Int64 { nodes[1] }

    mutating func append(_ due: Int64) {
        if count == room { grow() }
        count += 1
        self[count - 1] = due
    }

    private mutating func grow() {
        let leaves = nodes[room...]
        nodes = Array(repeating: .max, count: 4 * room)
        for (index, due) in leaves.enumerated() { self[index] = due }
    }

    subscript(index: Int) -> Int64 {
        get { nodes[room + index] }
        set {
            var node = room + index
            nodes[node] = newValue
            while node > 1 {
                node /= 2
                let least = min(nodes[2 * node], nodes[2 * node + 1])
                if nodes[node] == least { return }
                nodes[node] = least
            }
        }
    }

    /// The first one, from an index on, that is due at a moment.
    func first(from start: Int, at now: Int64) -> Int? {
        guard start < count else { return nil }
        var node = room + start
        // Up and to the right until something is due below, then down to the first that is.
        while nodes[node] > now {
            while node % 2 == 1 { node /= 2 }
            if node == 0 { return nil }
            node += 1
        }
        while node < room { node = nodes[2 * node] <= now ? 2 * node : 2 * node + 1 }
        return node - room
    }
}
