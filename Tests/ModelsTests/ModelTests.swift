import Glibc
import TestSupport
import Testing

@testable import Alarms

@Suite("What a model makes of a vector")
struct ModelTests {
    @Test("A linear one: the base, and each input by its weight")
    func linear() throws {
        let model = try Model.linear(ModelInputs(count: 2), weights: [2, -3], base: 0.5)
        #expect(model.inputs == 2)
        #expect(model.names.isEmpty)
        #expect(score(model, [10, 1]) == 17.5)
        let share = try Model.linear(ModelInputs(names: ["a", "b"]), weights: [2, -3], link: .logistic)
        #expect(share.names == ["a", "b"])
        #expect(score(share, [0, 0]) == 0.5)
        #expect(score(share, [1000, 0]) == 1)
        #expect(score(share, [-1000, 0]) == 0)
    }

    @Test("Inputs are scaled before anything else")
    func scaling() throws {
        let scaling = ModelScaling(mean: [100, 0], deviation: [10, 0.5])
        let model = try Model.linear(ModelInputs(count: 2, scaling: scaling), weights: [1, 10])
        #expect(score(model, [120, 3]) == 62)
        var forest = ModelForest(inputs: 2, precision: .float64)
        try forest.append(stump(threshold: 2))
        let trees = try Model.trees(ModelInputs(count: 2, scaling: scaling), forest)
        #expect(score(trees, [120, 0]) == -1)
        #expect(score(trees, [121, 0]) == 1)
    }

    /// 0.1 as a 32-bit float is more than 0.1.
    @Test("With 32-bit floats, an input is rounded and the threshold is not")
    func precision() throws {
        for (precision, expected) in [(ModelForest.Precision.float32, 1.0), (.float64, -1)] {
            var forest = ModelForest(inputs: 1, precision: precision)
            try forest.append(stump(threshold: 0.1))
            #expect(score(try Model.trees(ModelInputs(count: 1), forest), [0.1]) == expected)
        }
    }

    @Test("Isolation: a half where the way is as long as usual, and 1 where there is none")
    func isolation() throws {
        var forest = ModelForest(inputs: 1, precision: .float64)
        try forest.append(
            ModelTree(
                feature: [0, -1, -1], threshold: [5, 0, 0], left: [1, 0, 0], right: [2, 0, 0], value: [0, 4, 0]))
        let model = try Model.isolationForest(ModelInputs(count: 1), forest, normalizer: 4)
        #expect(score(model, [1]) == 0.5)
        #expect(score(model, [9]) == 1)
    }

    @Test("Numbers that are not finite lead somewhere")
    func notFinite() throws {
        let model = try Model.trees(ModelInputs(count: 3), try forest(seed: 5, trees: 20))
        for number in [Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
            #expect(score(model, [number, number, number]).isFinite)
        }
    }

    /// Each number that a literal walk through the same trees comes to, to the last bit.
    @Test("Trees are walked as they are written", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func walks(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let trees = (0..<12).map { _ in RandomTree.make(inputs: 3, &generator) }
        for precision in ModelForest.Precision.allCases {
            var forest = ModelForest(inputs: 3, precision: precision)
            for tree in trees { try forest.append(tree) }
            let sum = try Model.trees(ModelInputs(count: 3), forest, base: 0.25)
            let mean = try Model.trees(ModelInputs(count: 3), forest, combine: .mean, base: 0.25)
            for _ in 0..<500 {
                let inputs = (0..<3).map { _ in RandomTree.number(&generator) }
                let values = trees.map { RandomTree.walk($0, 0, inputs, precision) }
                guard score(sum, inputs) == values.reduce(0.25, +),
                    score(mean, inputs) == 0.25 + values.reduce(0, +) / 12
                else {
                    Issue.record("seed \(seed), \(precision): \(inputs)")
                    return
                }
            }
        }
    }

    @Test("e to the power of a number is that of the system's library")
    func exponentials() {
        var generator = SeededGenerator(seed: 11)
        var numbers = (0..<200_000).map { _ in Double.random(in: -746...710, using: &generator) }
        numbers += (0..<50_000).map { _ in Double.random(in: -1...1, using: &generator) }
        numbers += (-80...80).map { Double(sign: .plus, exponent: $0, significand: 1.5) }
        numbers += (-1074...1023).map { Double($0) * 0.6931471805599453 }
        numbers += [0, -0.0, 709.782712893384, 709.7827128933841, 709.79, -745.1, -745.2, -708.4, 1e308, -1e308]
        numbers += [Double.infinity, -.infinity, .leastNonzeroMagnitude]
        for number in numbers {
            let (expected, found) = (exp(number), exponential(number))
            // The smallest numbers have fewer digits.
            let allowed = max(expected * 1e-13, Double.leastNonzeroMagnitude)
            if found == expected { continue }
            guard abs(found - expected) <= allowed else {
                Issue.record("\(number): \(found), and not \(expected)")
                return
            }
        }
        #expect(exponential(.nan).isNaN)
        #expect(exponential(0) == 1)
    }

    private func stump(threshold: Double) -> ModelTree {
        ModelTree(
            feature: [0, -1, -1], threshold: [threshold, 0, 0], left: [1, -1, -1], right: [2, -1, -1],
            value: [0, -1, 1])
    }

    private func forest(seed: UInt64, trees: Int) throws -> ModelForest {
        var generator = SeededGenerator(seed: seed)
        var forest = ModelForest(inputs: 3, precision: .float32)
        for _ in 0..<trees { try forest.append(RandomTree.make(inputs: 3, &generator)) }
        return forest
    }
}

/// Trees of any shape, whose children lie anywhere behind their parents, and a walk that follows the arrays one by one.
private enum RandomTree {
    /// Of few numbers, so that inputs often are thresholds.
    static func number(_ generator: inout SeededGenerator) -> Double {
        let near = Double(Int.random(in: -4...4, using: &generator)) / 10
        return [near, near.nextUp, Double(Float(near)), Double.random(in: -1...1, using: &generator)]
            .randomElement(using: &generator)!
    }

    static func make(inputs: Int, _ generator: inout SeededGenerator) -> ModelTree {
        let splits = Int.random(in: 0...40, using: &generator)
        let count = 2 * splits + 1
        var tree = ModelTree(
            feature: Array(repeating: -1, count: count), threshold: (0..<count).map { _ in number(&generator) },
            left: Array(repeating: -1, count: count), right: Array(repeating: -1, count: count),
            value: (0..<count).map { _ in number(&generator) })
        // Of the leaves there are, any is split next; new nodes come last.
        var leaves = [0]
        for split in 0..<splits {
            let leaf = leaves.remove(at: Int.random(in: leaves.indices, using: &generator))
            let children = [2 * split + 1, 2 * split + 2].shuffled(using: &generator)
            tree.feature[leaf] = Int.random(in: 0..<inputs, using: &generator)
            (tree.left[leaf], tree.right[leaf]) = (children[0], children[1])
            leaves += children
        }
        return tree
    }

    static func walk(_ tree: ModelTree, _ node: Int, _ inputs: [Double], _ precision: ModelForest.Precision) -> Double {
        guard tree.feature[node] >= 0 else { return tree.value[node] }
        let exact = inputs[tree.feature[node]]
        let input = precision == .float32 ? Double(Float(exact)) : exact
        return walk(tree, input <= tree.threshold[node] ? tree.left[node] : tree.right[node], inputs, precision)
    }
}
