import Alarms
import Payloads

/// Reads what a model consists of, by its kind.
struct ModelDocument {
    private enum Kind: String, CaseIterable {
        case linear, trees
        case isolationForest = "isolation_forest"

        var keys: [String] {
            switch self {
            case .linear: ["weights", "base", "link"]
            case .trees: ["precision", "combine", "base", "link", "trees"]
            case .isolationForest: ["precision", "normalizer", "trees"]
            }
        }
    }

    private static let version = 1.0
    private static let mark = "outpost_model"

    private let document: ModelObject

    init(_ root: JSONNode) throws(ModelError) {
        let foreign = ModelError("", "this is no model of Outpost, which begins with \"\(Self.mark)\": 1")
        guard case .object = root.value else { throw foreign }
        document = try ModelObject(root, "")
        guard document.has(Self.mark) else { throw foreign }
        let version = try document.number(Self.mark)
        if version > Self.version, version == version.rounded(), version < 1e9 {
            throw ModelError(Self.mark, "version \(Int(version)) is newer than this program knows")
        }
        guard version == Self.version else { throw ModelError(Self.mark, "\(version) is no version; known is 1") }
    }

    func model() throws(ModelError) -> Model {
        let kind: Kind = try document.word("kind", otherwise: nil)
        try document.refuse(otherThan: [Self.mark, "kind", "inputs", "scaling"] + kind.keys)
        let inputs = try inputs()
        switch kind {
        case .linear:
            return try Model.linear(
                inputs, weights: try document.numbers("weights"), base: try base(), link: try link())
        case .trees:
            return try Model.trees(
                inputs, try forest(inputs.count), combine: try document.word("combine", otherwise: .sum),
                base: try base(), link: try link())
        case .isolationForest:
            return try Model.isolationForest(
                inputs, try forest(inputs.count), normalizer: try document.number("normalizer"))
        }
    }

    private func base() throws(ModelError) -> Double { try document.number("base", otherwise: 0) }

    private func link() throws(ModelError) -> Model.Link { try document.word("link", otherwise: .identity) }

    private func inputs() throws(ModelError) -> ModelInputs {
        let scaling = try scaling()
        let node = try document.node("inputs")
        switch node.value {
        case .number(let count):
            guard let count = Int(exactly: count) else { throw ModelError("inputs", "\(count) is no whole number") }
            return try ModelInputs(count: count, scaling: scaling)
        case .array:
            // One more than there may be, so that too many are refused.
            let nodes = node.elements(most: ModelInputs.most + 1)
            var names: [String] = []
            for (index, node) in nodes.enumerated() {
                guard case .text(let name) = node.value else { throw ModelError("inputs[\(index)]", "this is no name") }
                names.append(name)
            }
            return try ModelInputs(names: names, scaling: scaling)
        default:
            throw ModelError("inputs", "neither names in an array nor how many there are")
        }
    }

    private func scaling() throws(ModelError) -> ModelScaling? {
        guard document.has("scaling") else { return nil }
        let scaling = try ModelObject(try document.node("scaling"), "scaling")
        try scaling.refuse(otherThan: ["mean", "deviation"])
        return ModelScaling(mean: try scaling.numbers("mean"), deviation: try scaling.numbers("deviation"))
    }

    private func forest(_ inputs: Int) throws(ModelError) -> ModelForest {
        var forest = ModelForest(inputs: inputs, precision: try document.word("precision", otherwise: .float64))
        for (index, node) in try document.elements("trees", most: ModelForest.mostTrees).enumerated() {
            let tree = try ModelObject(node, "trees[\(index)]")
            try tree.refuse(otherThan: ["feature", "threshold", "left", "right", "value"])
            try forest.append(
                ModelTree(
                    feature: try tree.wholeNumbers("feature"), threshold: try tree.numbers("threshold"),
                    left: try tree.wholeNumbers("left"), right: try tree.wholeNumbers("right"),
                    value: try tree.numbers("value")))
        }
        return forest
    }
}
