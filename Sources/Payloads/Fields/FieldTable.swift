/// What tells one value of a mapping's payloads from the others.
public struct PayloadField: Sendable, Hashable {
    /// The levels that it adds to the name of its series; nil: none.
    public var suffix: String?
    /// Nil: that of the mapping.
    public var unit: String?
    /// Beside those of the mapping, before which they go.
    public var tags: [String: String]

    public init(suffix: String? = nil, unit: String? = nil, tags: [String: String] = [:]) {
        self.suffix = suffix
        self.unit = unit
        self.tags = tags
    }
}

/// The fields of one mapping. Those that the configuration names come first; those that the payloads name are added as
/// they come, and found again by their bytes.
final class FieldTable {
    /// A mapping has no more: a device that invents names costs neither memory nor series without end.
    static let most = 4096

    static func isFull(at field: String, limit: Int = most) -> PayloadProblem {
        PayloadProblem(.tooManyFields, field: field, "more than \(limit) different fields")
    }

    private(set) var fields: [PayloadField]
    let limit: Int
    private let firstFound: Int
    private var index = ByteIndex()

    init(_ fixed: [PayloadField] = [], limit: Int = most) {
        fields = fixed
        self.limit = limit
        firstFound = fixed.count
    }

    /// The field under a key, if there is one yet.
    func find(_ key: UnsafeRawBufferPointer) -> Int? { index.position(of: key).map { firstFound + $0 } }

    /// The field under a key, a new one if need be; nil when the table is full.
    @inline(__always)
    func find(_ key: UnsafeRawBufferPointer, orAdd field: () -> PayloadField) -> Int? {
        find(key) ?? add(key, field())
    }

    private func add(_ key: UnsafeRawBufferPointer, _ field: PayloadField) -> Int? {
        guard fields.count < limit else { return nil }
        index.append(key)
        fields.append(field)
        return fields.count - 1
    }
}
