import Alarms

/// Models at work, each vector going to the same one.
public struct ModelRun {
    private static let inputs = 10

    public let name: String
    private let model: Model
    private let vectors: [Double]

    public static var all: [ModelRun] {
        do {
            return [try ModelRun("model, 100 trees of depth 8", trees: 100, depth: 8)]
        } catch {
            fatalError("a model that is made here is none: \(error)")
        }
    }

    private init(_ name: String, trees: Int, depth: Int) throws(ModelError) {
        self.name = name
        var random = BenchRandom(seed: 1)
        var forest = ModelForest(inputs: Self.inputs, precision: .float32)
        for _ in 0..<trees { try forest.append(Self.tree(depth, &random)) }
        model = try Model.trees(ModelInputs(count: Self.inputs), forest, combine: .mean)
        vectors = (0..<1000 * Self.inputs).map { _ in random.uniform() }
    }

    /// With as many leaves as it can have, so that every way is as long as the longest.
    private static func tree(_ depth: Int, _ random: inout BenchRandom) -> ModelTree {
        let (splits, count) = (1 << depth - 1, 2 << depth - 1)
        return ModelTree(
            feature: (0..<count).map { $0 < splits ? Int(random.next() % UInt64(inputs)) : -1 },
            threshold: (0..<count).map { _ in random.uniform() }, left: (0..<count).map { 2 * $0 + 1 },
            right: (0..<count).map { 2 * $0 + 2 }, value: (0..<count).map { _ in random.uniform() })
    }

    /// How many scores those were.
    public func takeAll() -> Int {
        let vectors = vectors.span
        for start in stride(from: 0, to: vectors.count, by: Self.inputs) {
            let score = model.score(vectors.extracting(start..<start + Self.inputs))
            if score > 1 { fatalError("a mean of numbers up to 1 is \(score)") }
        }
        return vectors.count / Self.inputs
    }
}
