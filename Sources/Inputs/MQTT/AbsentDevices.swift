import Payloads
import Readings

/// Which series are stale because their device has said that it is gone. Of one connection; used by one thread.
struct AbsentDevices {
    private let catalogue: SeriesCatalogue
    /// Of the series that the catalogue has had so far, by name.
    private var names: [(name: SeriesName, id: SeriesID)] = []
    private var seen = 0
    /// By the number of the series.
    private var isStale: [Bool] = []
    private var staleCount = 0

    init(_ catalogue: SeriesCatalogue) { self.catalogue = catalogue }

    /// A reading of the series has come: whether it was stale until now.
    @inline(__always)
    mutating func returns(_ id: SeriesID) -> Bool {
        guard staleCount > 0, Int(id.rawValue) < isStale.count, isStale[Int(id.rawValue)] else { return false }
        isStale[Int(id.rawValue)] = false
        staleCount -= 1
        return true
    }

    /// The series of a device (its name, and all below it but what is another device's) that become stale now: those that
    /// are not yet.
    mutating func leaves(_ device: SeriesName) -> [SeriesID] {
        update()
        let all = series(of: device)
        let others = all.compactMap { Self.device(sayingSoItself: $0.name) }.filter { $0 != device.description }
        return all.compactMap { name, id in
            let belongsToOther = others.contains { name.description.utf8.starts(with: "\($0)/".utf8) }
            return !belongsToOther && note(id) ? id : nil
        }
    }

    private func series(of device: SeriesName) -> [(name: SeriesName, id: SeriesID)] {
        let path = device.description
        var position = names.partitioningIndex { !($0.name < device) }
        var found: [(name: SeriesName, id: SeriesID)] = []
        while position < names.count, names[position].name.description.utf8.starts(with: path.utf8) {
            // What sorts between a name and what is below it ("a b" between "a" and "a/b") is neither.
            let rest = names[position].name.description.utf8.dropFirst(path.utf8.count)
            if rest.isEmpty || rest.first == UInt8(ascii: "/") { found.append(names[position]) }
            position += 1
        }
        return found
    }

    /// The device whose own word on whether it is there this series is.
    private static func device(sayingSoItself name: SeriesName) -> String? {
        let suffix = "/" + NumberWords.availabilitySuffix
        return name.description.hasSuffix(suffix) ? String(name.description.dropLast(suffix.count)) : nil
    }

    private mutating func note(_ id: SeriesID) -> Bool {
        let number = Int(id.rawValue)
        while isStale.count <= number { isStale.append(false) }
        guard !isStale[number] else { return false }
        isStale[number] = true
        staleCount += 1
        return true
    }

    /// Merges in what the catalogue has got since.
    private mutating func update() {
        let new = catalogue.names(from: seen)
        guard !new.isEmpty else { return }
        seen += new.count
        let added = new.compactMap { entry in entry.name.map { (name: $0, id: entry.id) } }.sorted { $0.name < $1.name }
        var merged: [(name: SeriesName, id: SeriesID)] = []
        merged.reserveCapacity(names.count + added.count)
        var next = 0
        for entry in names {
            while next < added.count, added[next].name < entry.name {
                merged.append(added[next])
                next += 1
            }
            merged.append(entry)
        }
        names = merged + added[next...]
    }
}

extension Array {
    /// The first position from which on the condition holds, where it holds for all behind it.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
