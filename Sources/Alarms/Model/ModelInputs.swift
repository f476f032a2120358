/// The vector that a model takes: how many numbers, and what is done to each before anything else.
public struct ModelInputs: Sendable {
    public static let most = 1000

    public let count: Int
    /// What the numbers were called where the model was trained; empty if that is not known.
    public let names: [String]
    private let scaling: ModelScaling?

    public init(count: Int, scaling: ModelScaling? = nil) throws(ModelError) {
        try self.init(count: count, names: [], scaling: scaling)
    }

    public init(names: [String], scaling: ModelScaling? = nil) throws(ModelError) {
        var known: Set<String> = []
        for (index, name) in names.enumerated() where !known.insert(name).inserted {
            throw ModelError("inputs[\(index)]", "\(name.debugDescription) is there already")
        }
        try self.init(count: names.count, names: names, scaling: scaling)
    }

    private init(count: Int, names: [String], scaling: ModelScaling?) throws(ModelError) {
        guard count > 0 else { throw ModelError("inputs", "a model has at least one") }
        guard count <= Self.most else { throw ModelError("inputs", "\(count), where \(Self.most) are the most") }
        try scaling?.check(inputs: count)
        self.count = count
        self.names = names
        self.scaling = scaling
    }

    /// What a model sees of one of the numbers.
    @inline(__always)
    func value(_ index: Int, of inputs: Span<Double>) -> Double {
        guard let scaling else { return inputs[index] }
        return (inputs[index] - scaling.mean[index]) / scaling.deviation[index]
    }
}

/// What makes inputs of all magnitudes alike: less the mean of each, and divided by its deviation.
public struct ModelScaling: Sendable {
    public var mean: [Double]
    public var deviation: [Double]

    public init(mean: [Double], deviation: [Double]) {
        self.mean = mean
        self.deviation = deviation
    }

    func check(inputs: Int) throws(ModelError) {
        for (numbers, place) in [(mean, "scaling.mean"), (deviation, "scaling.deviation")] {
            try numbers.requireFinite(count: inputs, at: place)
        }
        if let index = deviation.firstIndex(of: 0) {
            throw ModelError("scaling.deviation[\(index)]", "nothing can be divided by 0")
        }
    }
}

extension [Double] {
    func requireFinite(count: Int, at place: String) throws(ModelError) {
        guard self.count == count else {
            throw ModelError(place, "\(self.count) numbers, where there are \(count) inputs")
        }
        for (index, number) in enumerated() { try number.requireFinite(at: "\(place)[\(index)]") }
    }
}

extension Double {
    func requireFinite(at place: @autoclosure () -> String) throws(ModelError) {
        guard isFinite else { throw ModelError(place(), "\(self) is no finite number") }
    }
}
