/// A tree as it was trained: equally long arrays, with an entry for each node, of which the first is the root. At a leaf, of
/// all but `feature` only `value` counts; elsewhere all the others do.
public struct ModelTree: Sendable {
    /// The number of the input that is looked at, or -1 at a leaf.
    public var feature: [Int]
    /// An input of at most so much leads to the left.
    public var threshold: [Double]
    public var left: [Int]
    public var right: [Int]
    public var value: [Double]

    public init(feature: [Int], threshold: [Double], left: [Int], right: [Int], value: [Double]) {
        self.feature = feature
        self.threshold = threshold
        self.left = left
        self.right = right
        self.value = value
    }
}

/// Trees, all in one array. From each node the way leads on to a later one, so every way ends at a leaf.
public struct ModelForest: Sendable {
    public static let mostTrees = 10_000
    /// Of all trees together.
    public static let mostNodes = 500_000

    /// What inputs are rounded to before they are compared with a threshold.
    public enum Precision: String, Sendable, CaseIterable { case float32, float64 }

    private struct Node {
        static let leaf: UInt32 = .max

        /// The value of a leaf.
        var threshold: Double
        var feature: UInt32
        var left: UInt32
        var right: UInt32
    }

    let inputs: Int
    private let isSingle: Bool
    private var nodes: [Node] = []
    private var roots: [Int] = []

    /// Without a tree as yet.
    public init(inputs: Int, precision: Precision) {
        self.inputs = inputs
        isSingle = precision == .float32
    }

    public var trees: Int { roots.count }

    /// The sum of what the trees say, and of `base`, from the first to the last.
    func sum(_ scaled: ModelInputs, _ inputs: Span<Double>, base: Double) -> Double {
        let nodes = nodes.span
        var sum = base
        for root in roots {
            var node = nodes[root]
            while node.feature != Node.leaf {
                let exact = scaled.value(Int(node.feature), of: inputs)
                let value = isSingle ? Double(Float(exact)) : exact
                node = nodes[Int(value <= node.threshold ? node.left : node.right)]
            }
            sum += node.threshold
        }
        return sum
    }

    /// Where the first leaf with a value below 0 is.
    func placeOfNegativeLeaf() -> String? {
        guard let node = nodes.firstIndex(where: { $0.feature == Node.leaf && $0.threshold < 0 }),
            let tree = roots.lastIndex(where: { $0 <= node })
        else { return nil }
        return "trees[\(tree)].value[\(node - roots[tree])]"
    }

    // MARK: - One more tree

    public mutating func append(_ tree: ModelTree) throws(ModelError) {
        let place = "trees[\(roots.count)]"
        try check(tree, place)
        let start = nodes.count
        for index in tree.feature.indices {
            let isLeaf = tree.feature[index] < 0
            nodes.append(
                Node(
                    threshold: isLeaf ? tree.value[index] : tree.threshold[index],
                    feature: isLeaf ? Node.leaf : UInt32(tree.feature[index]),
                    left: isLeaf ? 0 : UInt32(start + tree.left[index]),
                    right: isLeaf ? 0 : UInt32(start + tree.right[index])))
        }
        roots.append(start)
    }

    private func check(_ tree: ModelTree, _ place: String) throws(ModelError) {
        let count = tree.feature.count
        guard trees < Self.mostTrees else { throw ModelError(place, "more than \(Self.mostTrees) trees") }
        guard count > 0 else { throw ModelError("\(place).feature", "a tree has at least one node") }
        guard count <= Self.mostNodes - nodes.count else {
            throw ModelError(place, "more than \(Self.mostNodes) nodes in all")
        }
        let lengths = [
            ("threshold", tree.threshold.count), ("left", tree.left.count), ("right", tree.right.count),
            ("value", tree.value.count),
        ]
        for (name, length) in lengths where length != count {
            throw ModelError("\(place).\(name)", "\(length) numbers, where feature has \(count)")
        }
        var isReached = Array(repeating: false, count: count)
        isReached[0] = true
        for index in 0..<count {
            try check(tree.feature[index], "\(place).feature[\(index)]")
            guard tree.feature[index] >= 0 else {
                try tree.value[index].requireFinite(at: "\(place).value[\(index)]")
                continue
            }
            try tree.threshold[index].requireFinite(at: "\(place).threshold[\(index)]")
            try reach(tree.left[index], from: index, &isReached, "\(place).left[\(index)]")
            try reach(tree.right[index], from: index, &isReached, "\(place).right[\(index)]")
        }
        if let index = isReached.firstIndex(of: false) {
            throw ModelError("\(place).feature[\(index)]", "nothing leads to this node")
        }
    }

    private func check(_ feature: Int, _ place: @autoclosure () -> String) throws(ModelError) {
        guard feature >= -1 else { throw ModelError(place(), "\(feature) is neither an input nor -1, which is a leaf") }
        guard feature < inputs else {
            throw ModelError(place(), "\(feature) is no input: they are counted from 0, and there are \(inputs)")
        }
    }

    private func reach(
        _ node: Int, from index: Int, _ isReached: inout [Bool], _ place: @autoclosure () -> String
    ) throws(ModelError) {
        guard node >= 0, node < isReached.count else {
            throw ModelError(place(), "\(node) is no node: the tree has \(isReached.count)")
        }
        guard node != index else { throw ModelError(place(), "\(node) is its own node: that would be a circle") }
        guard node > index else {
            throw ModelError(place(), "\(node) lies before its own node \(index): that would be a circle")
        }
        guard !isReached[node] else { throw ModelError(place(), "to \(node) leads another node already") }
        isReached[node] = true
    }
}
