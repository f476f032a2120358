/// A password: it does not show itself in logs, descriptions or dumps, so that whoever uses it has to say so.
public struct Secret: Sendable, Hashable {
    private let value: String

    init(_ value: String) { self.value = value }

    public func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
