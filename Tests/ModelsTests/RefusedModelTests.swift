import Alarms
import Models
import TestSupport
import Testing

/// Every message is the exact one: the place is what one looks for in a file of megabytes.
@Suite("Files that are no models")
struct RefusedModelTests {
    private static let stump =
        #"{"feature": [0, -1, -1], "threshold": [0.5, 0, 0], "left": [1, -1, -1], "right": [2, -1, -1], "value": [0, 1, 2]}"#

    private static let linear = #"{"outpost_model": 1, "kind": "linear", "inputs": ["a", "b"], "weights": [1, 2]}"#

    private static func trees(_ trees: String, inputs: String = "1") -> String {
        #"{"outpost_model": 1, "kind": "trees", "inputs": \#(inputs), "trees": [\#(trees)]}"#
    }

    private static func isolation(_ rest: String) -> String {
        #"{"outpost_model": 1, "kind": "isolation_forest", "inputs": 1, \#(rest)}"#
    }

    @Test("What is taken as it is")
    func sound() {
        #expect(complaint(about: Self.linear) == nil)
        #expect(complaint(about: Self.trees(Self.stump)) == nil)
        #expect(complaint(about: Self.isolation(#""normalizer": 2.5, "trees": [\#(Self.stump)]"#)) == nil)
    }

    @Test(
        "Another document",
        arguments: [
            ("", "1:1: the document ends here, before it is complete"),
            ("[]", "this is no model of Outpost, which begins with \"outpost_model\": 1"),
            ("{}", "this is no model of Outpost, which begins with \"outpost_model\": 1"),
            ("7", "this is no model of Outpost, which begins with \"outpost_model\": 1"),
            (#"{"outpost_model": 2, "shape": 7}"#, "outpost_model: version 2 is newer than this program knows"),
            (#"{"outpost_model": 0.5}"#, "outpost_model: 0.5 is no version; known is 1"),
            (#"{"outpost_model": "1"}"#, "outpost_model: this is no number"),
            (#"{"outpost_model": 1}"#, "kind: this is missing"),
            (#"{"outpost_model": 1, "kind": 3}"#, "kind: this is none of linear, trees, isolation_forest"),
            (
                #"{"outpost_model": 1, "kind": "svm"}"#,
                "kind: \"svm\" is none of linear, trees, isolation_forest"
            ),
            (
                #"{"outpost_model": 1, "kind": "linear", "inputs": 1, "wieghts": [1]}"#,
                "unknown key \"wieghts\"; known are outpost_model, kind, inputs, scaling, weights, base, link"
            ),
            (#"{"outpost_model": 1, "outpost_model": 1}"#, "the key \"outpost_model\" is there twice"),
        ])
    func foreign(text: String, expected: String) { #expect(complaint(about: text) == expected) }

    @Test(
        "JSON that is none",
        arguments: [
            ("{\"outpost_model\": 1,\n \"base\": NaN}", "2:10: NaN is neither a number nor another value"),
            ("[1, -Infinity]", "1:5: -Infinity is neither a number nor another value"),
            ("[1,\n\n1e999]", "3:1: 1e999 does not fit into 64 bits"),
            ("[123456789012345678901]", "1:2: 123456789012345678901 does not fit into 64 bits"),
            ("[01]", "1:2: 01 is neither a number nor another value"),
            ("[1.]", "1:2: 1. is neither a number nor another value"),
            ("[1 2]", "1:4: a comma or ] belongs here"),
            ("{\"a\" 1}", "1:6: a colon belongs here"),
            ("{a: 1}", "1:2: a key in quotes belongs here"),
            ("[1,]", "1:4: a value belongs here"),
            ("{} {}", "1:4: nothing follows the document"),
            ("[\"a\nb\"]", "1:4: a text has no line breaks or other control characters"),
            ("[\"", "1:3: the document ends here, before it is complete"),
            (
                String(repeating: "[", count: 33) + "1" + String(repeating: "]", count: 33),
                "1:34: more than 32 arrays and objects in one another"
            ),
            (String(repeating: "[", count: 1_000_000), "1:34: more than 32 arrays and objects in one another"),
        ])
    func syntax(text: String, expected: String) { #expect(complaint(about: text) == expected) }

    @Test(
        "Linear ones",
        arguments: [
            (#""inputs": ["a"], "weights": [1, 2]"#, "weights: 2 numbers, where there are 1 inputs"),
            (#""inputs": ["a", "b", "a"], "weights": [1]"#, "inputs[2]: \"a\" is there already"),
            (#""inputs": [], "weights": []"#, "inputs: a model has at least one"),
            (#""inputs": 0, "weights": []"#, "inputs: a model has at least one"),
            (#""inputs": 1001, "weights": []"#, "inputs: 1001, where 1000 are the most"),
            (#""inputs": 1.5, "weights": []"#, "inputs: 1.5 is no whole number"),
            (#""inputs": "a", "weights": [1]"#, "inputs: neither names in an array nor how many there are"),
            (#""inputs": ["a", 1], "weights": [1, 2]"#, "inputs[1]: this is no name"),
            (#""inputs": 1"#, "weights: this is missing"),
            (#""weights": [1]"#, "inputs: this is missing"),
            (#""inputs": 1, "weights": 1"#, "weights: this is no array"),
            (#""inputs": 2, "weights": [1, null]"#, "weights[1]: this is no number"),
            (#""inputs": 1, "weights": [1], "base": []"#, "base: this is no number"),
            (
                #""inputs": 1, "weights": [1], "link": "logit""#,
                "link: \"logit\" is none of identity, logistic"
            ),
            (#""inputs": 1, "weights": [1], "scaling": []"#, "scaling: this is no object"),
            (
                #""inputs": 1, "weights": [1], "scaling": {"mean": [0], "scale": [1]}"#,
                "scaling: unknown key \"scale\"; known are mean, deviation"
            ),
            (#""inputs": 1, "weights": [1], "scaling": {"mean": [0]}"#, "scaling.deviation: this is missing"),
            (
                #""inputs": 1, "weights": [1], "scaling": {"mean": [], "deviation": [1]}"#,
                "scaling.mean: 0 numbers, where there are 1 inputs"
            ),
            (
                #""inputs": 2, "weights": [1, 1], "scaling": {"mean": [0, 0], "deviation": [1, 0]}"#,
                "scaling.deviation[1]: nothing can be divided by 0"
            ),
        ])
    func linears(rest: String, expected: String) {
        #expect(complaint(about: #"{"outpost_model": 1, "kind": "linear", \#(rest)}"#) == expected)
    }

    @Test(
        "Trees",
        arguments: [
            ("", "trees: a model has at least one"),
            ("1", "trees[0]: this is no object"),
            (stump + ", {}", "trees[1].feature: this is missing"),
            (tree(), "trees[0].feature: a tree has at least one node"),
            (tree("[-1]", "[0]", "[0]", "[0]", "[]"), "trees[0].value: 0 numbers, where feature has 1"),
            (tree("[-1]", "[0]", "[0, 0]", "[0]", "[7]"), "trees[0].left: 2 numbers, where feature has 1"),
            (tree("[0.5]", "[0]", "[0]", "[0]", "[7]"), "trees[0].feature[0]: 0.5 is no whole number"),
            (
                tree("[-2]", "[0]", "[0]", "[0]", "[7]"),
                "trees[0].feature[0]: -2 is neither an input nor -1, which is a leaf"
            ),
            (
                tree("[1]", "[0]", "[0]", "[0]", "[7]"),
                "trees[0].feature[0]: 1 is no input: they are counted from 0, and there are 1"
            ),
            (tree("[0]", "[0]", "[0]", "[0]", "[7]"), "trees[0].left[0]: 0 is its own node: that would be a circle"),
            (tree("[0]", "[0]", "[1]", "[1]", "[7]"), "trees[0].left[0]: 1 is no node: the tree has 1"),
            (
                tree("[0, 0, -1]", "[0, 0, 0]", "[1, 0, 0]", "[2, 2, 0]", "[0, 0, 0]"),
                "trees[0].left[1]: 0 lies before its own node 1: that would be a circle"
            ),
            (
                tree("[0, 0, -1]", "[0, 0, 0]", "[1, 2, 0]", "[2, -7, 0]", "[0, 0, 0]"),
                "trees[0].left[1]: to 2 leads another node already"
            ),
            (
                tree("[0, -1, -1]", "[0, 0, 0]", "[1, 0, 0]", "[-7, 0, 0]", "[0, 0, 0]"),
                "trees[0].right[0]: -7 is no node: the tree has 3"
            ),
            (
                tree("[-1, -1]", "[0, 0]", "[0, 0]", "[0, 0]", "[0, 0]"),
                "trees[0].feature[1]: nothing leads to this node"
            ),
            (
                stump.replacing(#""value""#, with: #""values""#),
                "trees[0]: unknown key \"values\"; known are feature, threshold, left, right, value"
            ),
        ])
    func forests(trees: String, expected: String) { #expect(complaint(about: Self.trees(trees)) == expected) }

    private static func tree(
        _ feature: String = "[]", _ threshold: String = "[]", _ left: String = "[]", _ right: String = "[]",
        _ value: String = "[]"
    ) -> String {
        #"{"feature": \#(feature), "threshold": \#(threshold), "left": \#(left), "right": \#(right), "value": \#(value)}"#
    }

    @Test("Isolation forests")
    func isolations() {
        let trees = #""trees": [\#(Self.stump)]"#
        #expect(complaint(about: Self.isolation(trees)) == "normalizer: this is missing")
        let zero = Self.isolation(#""normalizer": 0, \#(trees)"#)
        #expect(complaint(about: zero) == "normalizer: 0.0 is not more than 0")
        let negative = Self.stump.replacing("[0, 1, 2]", with: "[0, 1, -2]")
        let shorter = Self.isolation(#""normalizer": 1, "trees": [\#(Self.stump), \#(negative)]"#)
        #expect(complaint(about: shorter) == "trees[1].value[2]: no way is shorter than 0")
        let known = "outpost_model, kind, inputs, scaling, precision, normalizer, trees"
        let linked = Self.isolation(#""normalizer": 1, "link": "identity", \#(trees)"#)
        #expect(complaint(about: linked) == "unknown key \"link\"; known are \(known)")
    }

    @Test("More than there may be")
    func large() {
        let zeros = "[0" + String(repeating: ", 0", count: 999_999) + "]"
        let million = Self.tree(zeros, zeros, zeros, zeros, zeros)
        #expect(
            complaint(about: Self.trees(million)) == "trees[0].feature: 1000000 entries, where 500000 are the most")
        let leaf = Self.tree("[-1]", "[0]", "[0]", "[0]", "[0]")
        let half = Self.chain(splits: 240_000)
        #expect(complaint(about: Self.trees(half)) == nil)
        #expect(complaint(about: Self.trees("\(half), \(leaf), \(half)")) == "trees[2]: more than 500000 nodes in all")
        let leaves = Array(repeating: leaf, count: 10_001).joined(separator: ",")
        #expect(complaint(about: Self.trees(leaves)) == "trees: 10001 entries, where 10000 are the most")
        let commas = String(repeating: ",", count: 8_000_001)
        let marks = "more than 8000000 brackets, braces, colons and commas: no model has as many"
        #expect(complaint(about: commas) == marks)
        let space = Array(Self.linear.utf8) + Array(repeating: UInt8(ascii: " "), count: ModelFile.longest)
        let expected = ModelError("", "\(space.count) bytes, where 67108864 are the most")
        #expect(throws: expected) { try ModelFile.read(space) }
        let names = "[" + (0...1000).map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        #expect(complaint(about: Self.trees(leaf, inputs: names)) == "inputs: 1001, where 1000 are the most")
        let keys = (0..<100_000).map { "\"\($0)\": 0" }.joined(separator: ", ")
        let known = "outpost_model, kind, inputs, scaling, weights, base, link"
        let many = #"{"outpost_model": 1, "kind": "linear", \#(keys)}"#
        #expect(complaint(about: many) == "unknown key \"0\"; known are \(known)")
    }

    /// A tree as deep as it has splits: the left child of each is a leaf.
    private static func chain(splits: Int) -> String {
        let numbers = { (number: (Int) -> Int) in
            "[" + (0...2 * splits).map { "\(number($0))" }.joined(separator: ",") + "]"
        }
        let isSplit = { (node: Int) in node % 2 == 0 && node < 2 * splits }
        return tree(
            numbers { isSplit($0) ? 0 : -1 }, numbers { _ in 0 }, numbers { $0 + 1 }, numbers { $0 + 2 }, numbers { $0 }
        )
    }

    @Test("What no file can say is refused all the same")
    func impossible() throws {
        let inputs = try ModelInputs(count: 1)
        #expect(throws: ModelError("weights[0]", "nan is no finite number")) {
            try Model.linear(inputs, weights: [.nan])
        }
        #expect(throws: ModelError("base", "inf is no finite number")) {
            try Model.linear(inputs, weights: [1], base: .infinity)
        }
        #expect(throws: ModelError("scaling.mean[0]", "-inf is no finite number")) {
            try ModelInputs(count: 1, scaling: ModelScaling(mean: [-.infinity], deviation: [1]))
        }
        var forest = ModelForest(inputs: 1, precision: .float64)
        #expect(throws: ModelError("trees[0].value[0]", "nan is no finite number")) {
            try forest.append(ModelTree(feature: [-1], threshold: [0], left: [0], right: [0], value: [.nan]))
        }
        #expect(throws: ModelError("trees[0].threshold[0]", "nan is no finite number")) {
            try forest.append(ModelTree(feature: [0], threshold: [.nan], left: [0], right: [0], value: [0]))
        }
        #expect(forest.trees == 0)
        try forest.append(ModelTree(feature: [-1], threshold: [0], left: [0], right: [0], value: [0]))
        #expect(throws: ModelError("trees", "made for 1 inputs, where there are 2")) {
            try Model.trees(ModelInputs(count: 2), forest)
        }
    }

    @Test("A file that ends early is refused, wherever")
    func truncated() {
        for text in [
            Self.linear, Self.trees(Self.stump), Self.isolation(#""normalizer": 2, "trees": [\#(Self.stump)]"#),
        ] {
            let bytes = Array(text.utf8)
            for end in bytes.indices {
                do {
                    _ = try ModelFile.read(Array(bytes[..<end]))
                    Issue.record("taken up to \(end): \(text)")
                } catch {
                    #expect(error.place == "1:\(end + 1)" || error.description.utf8.count > 10, "\(end)")
                }
            }
        }
    }

    /// Bytes put anywhere: refused in words, or a model that scores.
    @Test("A file with damage is refused, or scores", arguments: 0..<20 as Range<UInt64>)
    func damaged(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sound = Array(Self.trees("\(Self.stump), \(Self.stump)").utf8)
        let likely = Array("0123456789-+.eE{}[],:\" \u{7F}\u{0}".utf8)
        for _ in 0..<500 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = likely.randomElement(using: &generator)!
            }
            do {
                let model = try ModelFile.read(bytes)
                let result = score(model, Array(repeating: 0.5, count: model.inputs))
                if result.isNaN { Issue.record("seed \(seed): \(String(decoding: bytes, as: UTF8.self))") }
            } catch {
                if error.problem.isEmpty { Issue.record("seed \(seed): \(String(decoding: bytes, as: UTF8.self))") }
            }
        }
    }
}
