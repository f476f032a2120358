/// Makes one number of a vector of them, as something did that was trained elsewhere.
///
/// Never changes, so any thread may score with it. Scoring allocates nothing, and takes no more steps than the model has
/// nodes or weights.
public struct Model: Sendable {
    /// What the sum at the end becomes.
    public enum Link: String, Sendable, CaseIterable {
        case identity
        /// A share between 0 and 1.
        case logistic
    }

    /// What becomes of the values that the trees say.
    public enum Combination: String, Sendable, CaseIterable { case sum, mean }

    private enum Kind {
        case linear(weights: [Double], base: Double, Link)
        case trees(ModelForest, Combination, base: Double, Link)
        case isolation(ModelForest, normalizer: Double)
    }

    private let vector: ModelInputs
    private let kind: Kind

    private init(_ vector: ModelInputs, _ kind: Kind) {
        self.vector = vector
        self.kind = kind
    }

    /// How many numbers it makes a score of.
    public var inputs: Int { vector.count }

    /// What they were called where the model was trained; empty if that is not known.
    public var names: [String] { vector.names }

    // MARK: - Kinds

    /// The sum of `base` and of each input by its weight.
    public static func linear(
        _ inputs: ModelInputs, weights: [Double], base: Double = 0, link: Link = .identity
    ) throws(ModelError) -> Model {
        try weights.requireFinite(count: inputs.count, at: "weights")
        try base.requireFinite(at: "base")
        return Model(inputs, .linear(weights: weights, base: base, link))
    }

    /// The sum of `base` and of what the trees say, or of their mean: gradient boosting, or a random forest.
    public static func trees(
        _ inputs: ModelInputs, _ forest: ModelForest, combine: Combination = .sum, base: Double = 0,
        link: Link = .identity
    ) throws(ModelError) -> Model {
        try check(forest, inputs)
        try base.requireFinite(at: "base")
        return Model(inputs, .trees(forest, combine, base: base, link))
    }

    /// Trees whose leaves say how long a way isolates what comes there. The score is 2 to the power of minus the mean way,
    /// counted in `normalizer`: from 0 to 1, and the more, the more abnormal.
    public static func isolationForest(
        _ inputs: ModelInputs, _ forest: ModelForest, normalizer: Double
    ) throws(ModelError) -> Model {
        try check(forest, inputs)
        if let place = forest.placeOfNegativeLeaf() { throw ModelError(place, "no way is shorter than 0") }
        try normalizer.requireFinite(at: "normalizer")
        guard normalizer > 0 else { throw ModelError("normalizer", "\(normalizer) is not more than 0") }
        return Model(inputs, .isolation(forest, normalizer: normalizer))
    }

    private static func check(_ forest: ModelForest, _ inputs: ModelInputs) throws(ModelError) {
        guard forest.trees > 0 else { throw ModelError("trees", "a model has at least one") }
        guard forest.inputs == inputs.count else {
            throw ModelError("trees", "made for \(forest.inputs) inputs, where there are \(inputs.count)")
        }
    }

    // MARK: - Scoring

    /// Finite where the inputs are, unless the numbers of the model are so large that their sum is not.
    ///
    /// - Parameter numbers: as many as `inputs`, in the order of `names`.
    public func score(_ numbers: Span<Double>) -> Double {
        precondition(numbers.count == vector.count)
        switch kind {
        case .linear(let weights, let base, let link):
            var sum = base
            for index in weights.indices { sum += weights[index] * vector.value(index, of: numbers) }
            return apply(link, to: sum)
        case .trees(let forest, .sum, let base, let link):
            return apply(link, to: forest.sum(vector, numbers, base: base))
        case .trees(let forest, .mean, let base, let link):
            return apply(link, to: base + forest.sum(vector, numbers, base: 0) / Double(forest.trees))
        case .isolation(let forest, let normalizer):
            let way = forest.sum(vector, numbers, base: 0) / Double(forest.trees)
            return exponential(way / normalizer * -0.6931471805599453)
        }
    }

    @inline(__always)
    private func apply(_ link: Link, to sum: Double) -> Double {
        switch link {
        case .identity: sum
        case .logistic: logistic(sum)
        }
    }
}

extension Model {
    /// Nil where it takes so many.
    public func problem(withInputs count: Int) -> String? {
        guard inputs != count else { return nil }
        let called = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
        return "the model takes \(inputs) input\(inputs == 1 ? "" : "s")\(called), and inputs has \(count)"
    }
}
