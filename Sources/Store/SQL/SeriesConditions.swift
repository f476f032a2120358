import SQLite

/// What a query says of the column `series`, which narrows the series that are looked at.
enum SeriesConditions {
    enum Meaning: UInt8 {
        case equal = 0x3D  // =
        case less = 0x28  // (
        case lessOrEqual = 0x7B  // {
        case greater = 0x29  // )
        case greaterOrEqual = 0x7D  // }
        case list = 0x2C  // ,
        case glob = 0x2A  // *
        case like = 0x25  // %
    }

    /// The condition as it is wanted; nil where it does not help.
    static func want(_ place: Int, _ condition: TableUse.Condition) -> TablePlan.Want? {
        switch condition.operation {
        // A name has the affinity of text. It equals a number by its digits or by its value, depending on where the
        // number comes from: SQLite knows. A text that stands in the statement is the same to both.
        case .equal where condition.canBeList: want(place, .list, isList: true)
        case .equal: want(place, .equal, isExact: condition.isWithText)
        case .glob: want(place, .glob, isExact: condition.isWithText)
        case .like: want(place, .like)
        // SQLite adds such bounds to a GLOB, too, and checks the pattern again as long as one of them is not exact.
        case .less: want(place, .less, isExact: condition.isWithText)
        case .lessOrEqual: want(place, .lessOrEqual, isExact: condition.isWithText)
        case .greater: want(place, .greater, isExact: condition.isWithText)
        case .greaterOrEqual: want(place, .greaterOrEqual, isExact: condition.isWithText)
        }
    }

    private static func want(
        _ place: Int, _ meaning: Meaning, isList: Bool = false, isExact: Bool = false
    ) -> TablePlan.Want {
        TablePlan.Want(place, meaning: meaning.rawValue, isList: isList, isExact: isExact)
    }

    /// Leaves the places, ascending, that a condition lets through, of all (nil) or some; those among them that do not
    /// fulfil it after all, SQLite will find.
    static func narrow(
        _ places: [Int]?, _ meaning: Meaning, _ argument: SQLArgument, among names: SeriesNames
    ) throws -> [Int] {
        switch meaning {
        case .equal: return intersection(places, candidates(argument, names))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard argument.kind == .text else { return places ?? Array(names.all.indices) }
            let bounds = argument.withText { range(meaning, $0, names) }
            return places?.filter(bounds.contains) ?? Array(bounds)
        case .list:
            var listed: Set<Int> = []
            try argument.forEachInList { listed.formUnion(candidates($0, names)) }
            return intersection(places, listed.sorted())
        case .glob:
            let places = places ?? Array(names.all.indices)
            return argument.kind == .null ? [] : places.filter { argument.matchesAsGlob(names.all[$0].name) }
        case .like:
            let places = places ?? Array(names.all.indices)
            return argument.kind == .null ? [] : argument.withText { matches(places, like: $0, names) }
        }
    }

    private static func range(
        _ meaning: Meaning, _ bound: UnsafeBufferPointer<UInt8>, _ names: SeriesNames
    ) -> Range<Int> {
        let same = names.places(named: bound)
        return switch meaning {
        case .less: 0..<same.lowerBound
        case .lessOrEqual: 0..<same.upperBound
        case .greater: same.upperBound..<names.all.count
        default: same.lowerBound..<names.all.count
        }
    }

    private static func intersection(_ places: [Int]?, _ others: [Int]) -> [Int] {
        guard let places else { return others }
        return places.filter(Set(others).contains)
    }

    /// The series whose names may equal a value.
    private static func candidates(_ argument: SQLArgument, _ names: SeriesNames) -> [Int] {
        switch argument.kind {
        case .null, .blob: []
        case .text: argument.withText { Array(names.places(named: $0)) }
        case .integer, .real:
            argument.withText { digits in
                let same = names.places(named: digits)
                return names.all.indices.filter { same.contains($0) || names.all[$0].name.withBytes(looksLikeNumber) }
            }
        }
    }

    /// Whether SQLite might read a name as a number.
    private static func looksLikeNumber(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = name.first { $0 != 0x20 }
        return start.map { (0x30...0x39).contains($0) || "+-.".utf8.contains($0) } ?? false
    }

    /// Up to its first wildcard a pattern stands for itself, in capital or small letters. Past ASCII a host may have its
    /// own idea of which letters are the same.
    private static func matches(
        _ places: [Int], like pattern: UnsafeBufferPointer<UInt8>, _ names: SeriesNames
    ) -> [Int] {
        let prefix = pattern.prefix { $0 < 0x80 && !"%_".utf8.contains($0) }.map(folded)
        return places.filter { place in
            names.all[place].name.withBytes { name in
                let head = name.prefix(prefix.count).prefix { $0 < 0x80 }.map(folded)
                return head.elementsEqual(prefix.prefix(head.count))
                    && (head.count == prefix.count || head.count < name.count)
            }
        }
    }

    private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
}
