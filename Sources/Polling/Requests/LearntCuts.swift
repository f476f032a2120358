/// Where devices do not let one read on: a request that was refused for an illegal address is made in two from then on,
/// and after a restart, too.
public struct LearntCuts: Sendable, Hashable {
    struct Cut: Sendable, Hashable {
        var unit: UInt8
        var table: RegisterTable
        /// No request begins before it and reads it.
        var address: UInt16
    }

    private(set) var cuts: Set<Cut> = []

    public init() {}

    public var isEmpty: Bool { cuts.isEmpty }

    /// Whether a request of these registers would cross a cut.
    func separate(_ unit: UInt8, _ table: RegisterTable, from addresses: Range<Int>) -> Bool {
        cuts.contains { cut in
            cut.unit == unit && cut.table == table && addresses.lowerBound < Int(cut.address)
                && Int(cut.address) < addresses.upperBound
        }
    }

    /// Learns from a refusal of a request: the place where it is cut is its longest hole, or, where it has none, its middle.
    /// False where nothing is left to cut, as with a single point: that is the one which is not there.
    public mutating func learn(from refused: PlannedRequest, _ points: [Point]) -> Bool {
        let spans = refused.parts.map { points[$0.index].addresses }
        let request = refused.request
        guard let address = Self.placeBetween(spans) ?? Self.placeInside(spans) else { return false }
        return cuts.insert(Cut(unit: request.unit, table: request.table, address: address)).inserted
    }

    private static func placeBetween(_ spans: [Range<Int>]) -> UInt16? {
        let spans = spans.sorted { $0.lowerBound < $1.lowerBound }
        var places: [(address: Int, hole: Int)] = []
        var end = spans.first?.upperBound ?? 0
        for span in spans.dropFirst() {
            if span.lowerBound >= end { places.append((span.lowerBound, span.lowerBound - end)) }
            end = max(end, span.upperBound)
        }
        guard let longest = places.map(\.hole).max() else { return nil }
        return middle(places.filter { $0.hole == longest }.map(\.address))
    }

    /// Of points that overlap, such as those with one register for the power of ten: where some of them begin or end.
    private static func placeInside(_ spans: [Range<Int>]) -> UInt16? {
        let begins = Set(spans.map(\.lowerBound))
        let places = begins.count > 1 ? begins : Set(spans.map(\.upperBound))
        let all = places.sorted()
        return middle(begins.count > 1 ? Array(all.dropFirst()) : all.dropLast())
    }

    private static func middle(_ places: [Int]) -> UInt16? {
        places.isEmpty ? nil : UInt16(exactly: places[places.count / 2])
    }

    // MARK: - As text

    /// A line each: `unit table address`.
    public init(text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let unit = UInt8(words[0]), let table = RegisterTable(rawValue: String(words[1])),
                let address = UInt16(words[2])
            else { continue }
            cuts.insert(Cut(unit: unit, table: table, address: address))
        }
    }

    public var text: String {
        cuts.map { "\($0.unit) \($0.table.rawValue) \($0.address)\n" }.sorted().joined()
    }
}
