/// Where something stands; `position` is nil for a file as a whole.
struct Place: Sendable, Hashable, CustomStringConvertible {
    struct Position: Sendable, Hashable, Comparable {
        /// Both from 1; columns count Unicode scalars.
        let line: Int
        let column: Int

        static func < (left: Position, right: Position) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    let file: String
    var position: Position?

    var description: String {
        if let position { "\(file):\(position.line):\(position.column)" } else { file }
    }

    func movedRight(by columns: Int) -> Place {
        guard let position else { return self }
        return Place(file: file, position: Position(line: position.line, column: position.column + columns))
    }
}

extension Place.Position {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Counts as the parser does, for which a byte order mark is nothing.
    init(ofByte offset: Int, in bytes: [UInt8]) {
        let hasMark = bytes.starts(with: Self.byteOrderMark) && offset >= Self.byteOrderMark.count
        let before = bytes[(hasMark ? Self.byteOrderMark.count : 0)..<offset]
        let lines = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let isContinuation = { (byte: UInt8) in byte & 0xC0 == 0x80 }
        line = lines.count
        column = 1 + (lines.last ?? []).count { !isContinuation($0) }
    }
}
