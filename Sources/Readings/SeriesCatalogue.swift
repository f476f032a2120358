import Synchronization

/// What a series is called and what its numbers mean.
public struct SeriesDefinition: Sendable, Hashable {
    public var name: SeriesName
    public var unit: String?
    public var tags: [String: String]

    public init(name: SeriesName, unit: String? = nil, tags: [String: String] = [:]) {
        self.name = name
        self.unit = unit
        self.tags = tags
    }
}

/// Every series that the gateway knows, by name and by number. Shared by all threads; an input asks once for each
/// series and keeps the answer.
public final class SeriesCatalogue: Sendable {
    private struct State {
        var definitions: [SeriesDefinition?] = []
        var ids: [SeriesName: SeriesID] = [:]
        /// New or changed since the journal last asked.
        var changed: Set<SeriesID> = []
        var refused = 0
    }

    public enum Answer: Sendable, Equatable {
        case known(SeriesID)
        /// The catalogue is full. `isFirst` when no series was refused before.
        case refused(isFirst: Bool)
    }

    public let limit: Int
    private let state = Mutex(State())

    public init(limit: Int) { self.limit = limit }

    public var count: Int { state.withLock { $0.ids.count } }
    /// How often a new series was refused.
    public var refusals: Int { state.withLock { $0.refused } }

    /// The number for a name, a new one if need be; unit and tags become those given.
    public func resolve(_ definition: SeriesDefinition) -> Answer {
        state.withLock { state in
            if let id = state.ids[definition.name] {
                if state.definitions[Int(id.rawValue)] != definition {
                    state.definitions[Int(id.rawValue)] = definition
                    state.changed.insert(id)
                }
                return .known(id)
            }
            guard state.ids.count < limit else {
                state.refused += 1
                return .refused(isFirst: state.refused == 1)
            }
            let id = SeriesID(UInt32(state.definitions.count))
            state.definitions.append(definition)
            state.ids[definition.name] = id
            state.changed.insert(id)
            return .known(id)
        }
    }

    public func definition(of id: SeriesID) -> SeriesDefinition? {
        state.withLock { $0.definitions.indices.contains(Int(id.rawValue)) ? $0.definitions[Int(id.rawValue)] : nil }
    }

    /// The names of the series from a number on; nil for a number that none has.
    public func names(from first: Int) -> [(id: SeriesID, name: SeriesName?)] {
        state.withLock { state in
            guard first < state.definitions.count else { return [] }
            return (first..<state.definitions.count).map { (SeriesID(UInt32($0)), state.definitions[$0]?.name) }
        }
    }

    /// What is known under a name, or a bare definition of it.
    public func definition(named name: SeriesName) -> SeriesDefinition {
        let known = state.withLock { state in
            state.ids[name].flatMap { state.definitions[Int($0.rawValue)] }
        }
        return known ?? SeriesDefinition(name: name)
    }

    /// What the journal has to write before any reading that was handed out earlier; each change is given once.
    public func takeChanges() -> [(id: SeriesID, definition: SeriesDefinition)] {
        state.withLock { state in
            let changes = state.changed.sorted().compactMap { id in
                state.definitions[Int(id.rawValue)].map { (id, $0) }
            }
            state.changed.removeAll()
            return changes
        }
    }

    /// The journal has lost what it knew: everything is a change again.
    public func markAllChanged() {
        state.withLock { state in
            for index in state.definitions.indices where state.definitions[index] != nil {
                state.changed.insert(SeriesID(UInt32(index)))
            }
        }
    }

    /// Puts back what was stored, where nothing newer is known. The limit does not apply. What is not in the journal is a
    /// change that it has to write.
    public func restore(_ stored: [(id: SeriesID, definition: SeriesDefinition)], isStored: Bool = true) {
        state.withLock { state in
            for (id, definition) in stored {
                let index = Int(id.rawValue)
                while state.definitions.count <= index { state.definitions.append(nil) }
                guard state.definitions[index] == nil else { continue }
                state.definitions[index] = definition
                state.ids[definition.name] = id
                if !isStored { state.changed.insert(id) }
            }
        }
    }
}
