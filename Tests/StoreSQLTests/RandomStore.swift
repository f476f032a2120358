import Platform
import Readings
import SQLite
import StoreSQL
import TestSupport

/// A closed store of readings that arrived out of order and more than once, some in its history and some in its
/// journal, beside an array of what must be in it.
final class RandomStore {
    static let names = [
        "plant/press-3/temperature", "plant/press-3/Temperature", "plant/press-30", "plant", "5", "-1", "NULL", "it's",
        "a*b?[c]", "100%_\\", " blank ", "cafe\u{301}/bar", "caf\u{E9}/bar", "cafe", "e\u{301}", "\u{1F600}",
        "\u{FFFD}",
        "//", "\"quoted\"; DROP TABLE readings; --", String(repeating: "long/", count: 150),
    ]

    let seed: UInt64
    let directory = TemporaryDirectory()
    /// Each (series, time) once, ordered by both.
    let rows: [Arrival]
    let latest: [Arrival]
    private let query: StoreQuery

    init(batches: Int = 40, rowsPerBatch: Int = 20, hasHistory: Bool = true) throws {
        seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let bench = try StoreBench(in: directory)
        var last: [Key: Arrival] = [:]
        for batch in 0..<batches {
            // What came before is in the history then, and some of what follows belongs in between.
            if hasHistory, batch == batches * 2 / 3, !bench.seal() { fatalError("the history is not written") }
            let arrivals = (0..<Int.random(in: 1...rowsPerBatch, using: &generator)).map { _ in
                RandomStore.arrival(using: &generator)
            }
            for arrival in arrivals { last[Key(arrival)] = arrival }
            let ticket = bench.submit(arrivals)
            // Some commits take several batches.
            if Bool.random(using: &generator), !bench.waitUntilCommitted(ticket) { fatalError("nothing is committed") }
        }
        guard bench.stop() else { fatalError("the journal does not stop") }
        query = try StoreQuery(directory: directory.path)
        let rows = last.sorted { $0.key < $1.key }
        self.rows = rows.map(\.value)
        latest = rows.indices.filter { $0 + 1 == rows.count || rows[$0 + 1].key.name != rows[$0].key.name }
            .map { rows[$0].value }
    }

    private struct Key: Hashable, Comparable {
        let name: SeriesName
        let time: Int64

        init(_ arrival: Arrival) { (name, time) = (SeriesName(path: arrival.series), arrival.time) }

        static func < (left: Key, right: Key) -> Bool { (left.name, left.time) < (right.name, right.time) }
    }

    static func time(using generator: inout some RandomNumberGenerator) -> Int64 {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: [Int64.min, .min + 1, -1, 0, .max - 1, .max].randomElement(using: &generator)!
        case 1...9: Int64.random(in: 0..<40, using: &generator)
        default: 1_700_000_000_000_000 + Int64.random(in: 0..<40, using: &generator) * 1_000_000
        }
    }

    private static func arrival(using generator: inout some RandomNumberGenerator) -> Arrival {
        Arrival(
            series: names.randomElement(using: &generator)!, time: time(using: &generator),
            value: value(using: &generator), quality: Quality.allCases.randomElement(using: &generator)!)
    }

    private static func value(using generator: inout some RandomNumberGenerator) -> Value {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: .absent
        case 1: .text(["", "OPEN", "it's", "1.5", "e\u{301}", "\u{E9}", "a\nb"].randomElement(using: &generator)!)
        case 2: .number([.nan, .infinity, -.infinity, -0.0, 0, 5e300].randomElement(using: &generator)!)
        case 3...5: .number(Double(Int.random(in: -3...3, using: &generator)))
        default: .number(Double.random(in: -100...100, using: &generator))
        }
    }

    func ask(_ sql: String) throws -> [[SQLValue]] { try StoreSQLTests.ask(query, sql) }
}

/// A pattern in both of the kinds that SQL has.
struct Pattern {
    private enum Element: Equatable {
        case literal(Unicode.Scalar)
        case one, many
    }

    private let elements: [Element]

    /// A name with parts of it left open.
    init(of name: String, using generator: inout some RandomNumberGenerator) {
        var elements: [Element] = []
        for scalar in name.unicodeScalars {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: elements.append(.one)
            case 1 where elements.last != .many: elements.append(.many)
            case 2 where elements.last == .many: continue
            default: elements.append(.literal(scalar))
            }
        }
        if Bool.random(using: &generator) {
            elements = Array(elements.prefix(Int.random(in: 0...elements.count, using: &generator))) + [.many]
        }
        self.elements = elements
    }

    var glob: String {
        elements.reduce(into: "") { text, element in
            switch element {
            case .literal(let scalar) where "*?[".unicodeScalars.contains(scalar): text += "[\(scalar)]"
            case .literal(let scalar): text.unicodeScalars.append(scalar)
            case .one: text += "?"
            case .many: text += "*"
            }
        }
    }

    /// With a backslash to escape.
    var like: String {
        elements.reduce(into: "") { text, element in
            switch element {
            case .literal(let scalar) where "%_\\".unicodeScalars.contains(scalar): text += "\\\(scalar)"
            case .literal(let scalar): text.unicodeScalars.append(scalar)
            case .one: text += "_"
            case .many: text += "%"
            }
        }
    }

    func matches(_ name: String, foldingCase: Bool) -> Bool {
        func folded(_ scalar: Unicode.Scalar) -> UInt32 {
            foldingCase && ("A"..."Z").contains(scalar) ? scalar.value + 32 : scalar.value
        }
        let scalars = name.unicodeScalars.map(folded)
        // Where in the name the elements so far can end.
        var ends: Set<Int> = [0]
        for element in elements {
            switch element {
            case .literal(let scalar):
                ends = Set(ends.filter { $0 < scalars.count && scalars[$0] == folded(scalar) }.map { $0 + 1 })
            case .one: ends = Set(ends.filter { $0 < scalars.count }.map { $0 + 1 })
            case .many: ends = ends.min().map { Set($0...scalars.count) } ?? []
            }
        }
        return ends.contains(scalars.count)
    }
}

/// A condition in SQL, and the same in Swift.
struct Where {
    let sql: String
    let holds: (Arrival) -> Bool

    static func time(_ operation: String, _ bound: Int64) -> Where {
        Where(sql: "time \(operation) \(bound)") {
            switch operation {
            case "=": $0.time == bound
            case "<": $0.time < bound
            case "<=": $0.time <= bound
            case ">": $0.time > bound
            default: $0.time >= bound
            }
        }
    }

    static func between(_ first: Int64, _ last: Int64) -> Where {
        Where(sql: "time BETWEEN \(first) AND \(last)") { first <= last && (first...last).contains($0.time) }
    }

    static func series(_ name: String) -> Where {
        Where(sql: "series = \(quoted(name))") { ExactText($0.series) == ExactText(name) }
    }

    static func glob(_ pattern: Pattern) -> Where {
        Where(sql: "series GLOB \(quoted(pattern.glob))") { pattern.matches($0.series, foldingCase: false) }
    }

    static func like(_ pattern: Pattern) -> Where {
        Where(sql: #"series LIKE \#(quoted(pattern.like)) ESCAPE '\'"#) {
            pattern.matches($0.series, foldingCase: true)
        }
    }

    static func && (left: Where, right: Where) -> Where {
        Where(sql: "(\(left.sql) AND \(right.sql))") { left.holds($0) && right.holds($0) }
    }

    static func || (left: Where, right: Where) -> Where {
        Where(sql: "(\(left.sql) OR \(right.sql))") { left.holds($0) || right.holds($0) }
    }

    static prefix func ! (condition: Where) -> Where {
        Where(sql: "NOT \(condition.sql)") { !condition.holds($0) }
    }

    /// Any condition at all, of some depth.
    static func random(depth: Int, using generator: inout some RandomNumberGenerator) -> Where {
        if depth > 0 {
            let left = random(depth: depth - 1, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0...1: return left && random(depth: depth - 1, using: &generator)
            case 2...3: return left || random(depth: depth - 1, using: &generator)
            default: return !left
            }
        }
        let name = RandomStore.names.randomElement(using: &generator)!
        let time = RandomStore.time(using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0...1: return .series(name)
        case 2: return .glob(Pattern(of: name, using: &generator))
        case 3: return .like(Pattern(of: name, using: &generator))
        case 4: return .between(time, RandomStore.time(using: &generator))
        default: return .time(["=", "<", "<=", ">", ">="].randomElement(using: &generator)!, time)
        }
    }
}
