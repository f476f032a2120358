/// Some of many numbers, evenly taken: when there is no room left every other one goes, and from then on so many more are
/// passed over.
struct EvenSample {
    private(set) var values: [Double] = []
    private let most: Int
    private var stride = 1
    private var seen = 0

    init(most: Int) { self.most = max(2, most) }

    mutating func add(_ value: Double) {
        defer { seen += 1 }
        guard seen % stride == 0 else { return }
        if values.count == most {
            values = values.indices.filter { $0 % 2 == 0 }.map { values[$0] }
            stride *= 2
            guard seen % stride == 0 else { return }
        }
        values.append(value)
    }

    func sorted() -> [Double] { values.sorted() }
}

extension [Double] {
    /// Of ascending numbers the one that so large a share of them is not above; nil where there are none.
    func quantile(_ share: Double) -> Double? {
        isEmpty ? nil : self[Swift.min(count - 1, Swift.max(0, Int((share * Double(count)).rounded(.up)) - 1))]
    }
}
