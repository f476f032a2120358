/// Rows of a table of the journal, such as its gaps, its audit, or the events of its alarms. What they mean, and which
/// of them the far end has already, is for others to know.
///
/// As bytes, every number a varint: how many tables; for each its name, how many columns, their names, how many rows, and
/// of each cell a byte for its kind, then nothing, a zigzag number, the eight bytes of a Double, or a text; of texts the
/// length and the UTF-8.
public struct FrameTable: Sendable, Hashable {
    public enum Cell: Sendable, Hashable {
        case null
        case integer(Int64)
        /// Numbers are the same when they are the same 64 bits.
        case real(bits: UInt64)
        case text(String)
    }

    public static let mostTables = 64
    public static let mostColumns = 64

    public var name: String
    public var columns: [String]
    /// As many cells in each as there are columns.
    public var rows: [[Cell]]

    public init(name: String, columns: [String], rows: [[Cell]] = []) {
        self.name = name
        self.columns = columns
        self.rows = rows
    }

    /// About what it takes before it is compressed.
    var plainSize: Int {
        rows.reduce(name.utf8.count + columns.reduce(0) { $0 + $1.utf8.count }) { size, row in
            row.reduce(size) { $0 + $1.plainSize }
        }
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(text: name)
        bytes.append(varint: UInt64(columns.count))
        for column in columns { bytes.append(text: column) }
        bytes.append(varint: UInt64(rows.count))
        for row in rows {
            for cell in row { cell.write(to: &bytes) }
        }
    }

    static func read(_ bytes: Span<UInt8>, rows: Int, into tables: inout [FrameTable]) throws(DamagedBytes) {
        var position = 0
        var left = rows
        for _ in 0..<(try bytes.varint(at: &position, upTo: mostTables)) {
            var table = FrameTable(name: try bytes.text(at: &position), columns: [])
            let columns = try bytes.varint(at: &position, upTo: mostColumns)
            guard columns > 0 else { throw DamagedBytes("a table without columns") }
            for _ in 0..<columns { table.columns.append(try bytes.text(at: &position)) }
            let count = try bytes.varint(at: &position, upTo: left)
            left -= count
            for _ in 0..<count { table.rows.append(try row(bytes, at: &position, cells: columns)) }
            tables.append(table)
        }
        guard left == 0 else { throw DamagedBytes("fewer rows than there should be") }
        guard position == bytes.count else { throw DamagedBytes("more bytes than rows") }
    }

    private static func row(
        _ bytes: Span<UInt8>, at position: inout Int, cells: Int
    ) throws(DamagedBytes) -> [Cell] {
        var row: [Cell] = []
        row.reserveCapacity(cells)
        for _ in 0..<cells { row.append(try Cell(bytes, at: &position)) }
        return row
    }
}

extension FrameTable.Cell {
    fileprivate var plainSize: Int {
        switch self {
        case .null: 1
        case .integer, .real: 1 + 8
        case .text(let text): 1 + 2 + text.utf8.count
        }
    }

    fileprivate func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            bytes.append(varint: ZigZag.encode(number))
        case .real(let bits):
            bytes.append(2)
            bytes.append(word: bits)
        case .text(let text):
            bytes.append(3)
            bytes.append(text: text)
        }
    }

    fileprivate init(_ bytes: Span<UInt8>, at position: inout Int) throws(DamagedBytes) {
        switch try bytes.byte(at: &position) {
        case 0: self = .null
        case 1: self = .integer(ZigZag.decode(try bytes.varint(at: &position)))
        case 2: self = .real(bits: try bytes.word(at: &position))
        case 3: self = .text(try bytes.text(at: &position))
        default: throw DamagedBytes("a cell of an unknown kind")
        }
    }
}
