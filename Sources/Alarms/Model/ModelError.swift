/// Why something is no model, and where in it.
public struct ModelError: Error, Equatable, CustomStringConvertible {
    /// Such as `trees[3].left[17]`; empty where it is the whole.
    public let place: String
    public let problem: String

    public init(_ place: String, _ problem: String) {
        self.place = place
        self.problem = problem
    }

    public var description: String { place.isEmpty ? problem : "\(place): \(problem)" }
}
