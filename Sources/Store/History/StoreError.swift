/// Why a store cannot be read; each a sentence for people.
public enum StoreError: Error, CustomStringConvertible, Sendable {
    /// The store has gone on since this scan began.
    case outdated
    case cannotRead(String, String)

    public var description: String {
        switch self {
        case .outdated: "this reading began before the store was looked at anew"
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        }
    }
}
