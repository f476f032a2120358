import History
import Readings
import SQLite

/// All series in the order of their names, which is that of their bytes. A place in that order stands for a series until
/// the next update.
final class SeriesNames {
    struct Series {
        let id: SeriesID
        /// As SQLite takes it.
        let name: KeptText
    }

    private(set) var all: [Series] = []
    private var ids: [SeriesID] = []
    private var known: [SeriesID: (name: SeriesName, text: KeptText)] = [:]
    private let kept = KeptTexts()

    func update(from reader: StoreReader) {
        if reader.ids == ids { return }
        ids = reader.ids
        all = ids.map { Series(id: $0, name: text(of: reader.definition(of: $0).name, $0)) }
    }

    private func text(of name: SeriesName, _ id: SeriesID) -> KeptText {
        if let known = known[id], known.name == name { return known.text }
        let text = kept.keep(name.description)
        known[id] = (name, text)
        return text
    }

    /// The places of the series with this name: one, or none.
    func places(named name: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        let start = firstPlace { $0.lexicographicallyPrecedes(name) }
        let isThere = start < all.count && all[start].name.withBytes { $0.elementsEqual(name) }
        return start..<(isThere ? start + 1 : start)
    }

    /// The first place for which a condition no longer holds, which holds for all before it.
    private func firstPlace(after holds: (UnsafeBufferPointer<UInt8>) -> Bool) -> Int {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].name.withBytes(holds) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
