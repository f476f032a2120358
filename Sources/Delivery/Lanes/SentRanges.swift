/// Which batches of the journal the far end has, by their sequence numbers: all before one, and some ranges after it.
///
/// There are no more than so many ranges. Past that the shortest is forgotten, and is sent once more: the far end takes each
/// batch once, so that costs its bytes and nothing else.
public struct SentRanges: Sendable, Hashable {
    public static let most = 64

    /// The first that is missing: this is the cursor of the uplink's reader in the journal.
    public private(set) var lowestMissing: Int64
    /// Beyond it, in order, with something missing before each.
    public private(set) var ranges: [Range<Int64>] = []

    public init(lowestMissing: Int64) { self.lowestMissing = lowestMissing }

    /// Those that the far end has now, or that there are no longer. Returns what is forgotten for them.
    @discardableResult
    public mutating func insert(_ range: Range<Int64>) -> Range<Int64>? {
        let new = range.clamped(to: lowestMissing..<Int64.max)
        guard !new.isEmpty else { return nil }
        // Those that it touches become one with it.
        let first = ranges.firstIndex { $0.upperBound >= new.lowerBound } ?? ranges.endIndex
        let end = ranges.firstIndex { $0.lowerBound > new.upperBound } ?? ranges.endIndex
        var merged = new
        if first < end {
            let lowest = min(new.lowerBound, ranges[first].lowerBound)
            merged = lowest..<max(new.upperBound, ranges[end - 1].upperBound)
        }
        ranges.replaceSubrange(first..<max(first, end), with: [merged])
        if ranges[0].lowerBound == lowestMissing { lowestMissing = ranges.removeFirst().upperBound }
        guard ranges.count > Self.most, let shortest = ranges.indices.min(by: { ranges[$0].count < ranges[$1].count })
        else { return nil }
        return ranges.remove(at: shortest)
    }

    /// How many of a range are not missing.
    public func count(in range: Range<Int64>) -> Int {
        let before = range.clamped(to: .min..<lowestMissing)
        return ranges.reduce(before.count) { $0 + $1.clamped(to: range).count }
    }

    /// The first of a range that are missing, up to one that is not; nil: none is.
    public func firstGap(in range: Range<Int64>) -> Range<Int64>? {
        var start = max(range.lowerBound, lowestMissing)
        for known in ranges where known.upperBound > start {
            if known.lowerBound > start { break }
            start = known.upperBound
        }
        let end = ranges.first { $0.lowerBound > start }?.lowerBound ?? .max
        return start < range.upperBound ? start..<min(end, range.upperBound) : nil
    }

    /// The last ones, down to one that is not.
    public func lastGap(in range: Range<Int64>) -> Range<Int64>? {
        var end = range.upperBound
        for known in ranges.reversed() where known.lowerBound < end {
            if known.upperBound < end { break }
            end = known.lowerBound
        }
        let start = max(range.lowerBound, lowestMissing, ranges.last { $0.upperBound < end }?.upperBound ?? .min)
        return start < end ? start..<end : nil
    }
}
