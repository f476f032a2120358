import Readings

/// Where in a JSON document the readings stand.
public struct JSONMapping: Sendable, Hashable {
    /// One value of the document, or several where the path says "any"; `suffix` is the level that it adds to the
    /// series' name.
    public struct Field: Sendable, Hashable {
        public var path: JSONPath
        public var suffix: String?
        /// Nil: that of the mapping.
        public var unit: String?

        public init(path: JSONPath, suffix: String? = nil, unit: String? = nil) {
            self.path = path
            self.suffix = suffix
            self.unit = unit
        }
    }

    /// All numbers of the document, each under the keys and indices that lead to it.
    public struct Everything: Sendable, Hashable {
        /// Of the ways; empty means all.
        public var include: [SeriesGlob]
        public var ignore: [SeriesGlob]
        /// Texts too.
        public var texts: Bool
        /// Leads to where the ways begin.
        public var under: JSONPath

        public init(
            include: [SeriesGlob] = [], ignore: [SeriesGlob] = [], texts: Bool = false, under: JSONPath = .root
        ) {
            self.include = include
            self.ignore = ignore
            self.texts = texts
            self.under = under
        }
    }

    public enum Values: Sendable, Hashable {
        case fields([Field])
        case everything(Everything)
    }

    /// Leads to an array: each of its elements is a document of its own to the other paths.
    public var each: JSONPath?
    /// Leads to what comes first in the suffix of every value beside it.
    public var name: JSONPath?
    public var values: Values
    public var time: TimeField?
    /// Texts that are numbers, or say that there is no value.
    public var words: NumberWords

    public init(
        each: JSONPath? = nil, name: JSONPath? = nil, values: Values, time: TimeField? = nil, words: NumberWords = .none
    ) {
        self.each = each
        self.name = name
        self.values = values
        self.time = time
        self.words = words
    }

    public var fields: [Field] {
        if case .fields(let fields) = values { fields } else { [] }
    }

    var namesFields: Bool {
        guard name == nil, case .fields(let fields) = values else { return true }
        return fields.contains { $0.suffix != nil || $0.path.hasWildcard }
    }
}

/// Where a document says when, and how it writes it.
public struct TimeField: Sendable, Hashable {
    public var path: JSONPath
    public var format: TimeFormat

    public init(path: JSONPath, format: TimeFormat) {
        self.path = path
        self.format = format
    }
}
