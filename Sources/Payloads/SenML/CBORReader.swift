/// Reads CBOR (RFC 8949) item by item; arrays and maps are for the caller to go through, or to skip.
struct CBORReader {
    enum Item {
        case unsigned(UInt64)
        /// -1 less this.
        case negative(UInt64)
        case float(Double)
        case boolean(Bool)
        case bytes(UnsafeRawBufferPointer)
        /// In UTF-8.
        case text(UnsafeRawBufferPointer)
        /// A string in pieces, up to a break.
        case pieces
        /// Without a count up to a break, here and in maps.
        case array(count: UInt64?)
        /// The count is of keys.
        case map(count: UInt64?)
        case tag(UInt64)
        /// Null, undefined, and the values without a meaning.
        case simple
    }

    private let input: UnsafeRawBufferPointer
    private var position = 0

    init(_ input: UnsafeRawBufferPointer) { self.input = input }

    var isAtEnd: Bool { position == input.count }

    mutating func next() throws(PayloadProblem) -> Item {
        let first = try byte()
        let (type, detail) = (first >> 5, first & 0x1F)
        if detail == 31 { return try unbounded(type) }
        let argument = try self.argument(detail)
        return switch type {
        case 0: .unsigned(argument)
        case 1: .negative(argument)
        case 2: .bytes(try take(argument))
        case 3: .text(try text(argument))
        case 4: .array(count: argument)
        case 5: .map(count: argument)
        case 6: .tag(argument)
        default: try Self.simpleOrFloat(detail, argument)
        }
    }

    private mutating func unbounded(_ type: UInt8) throws(PayloadProblem) -> Item {
        switch type {
        case 2, 3: .pieces
        case 4: .array(count: nil)
        case 5: .map(count: nil)
        default: throw Self.malformed("a byte \(type << 5 | 31) where an item should be")
        }
    }

    /// Counts down what is left of an array or map.
    mutating func isAtEnd(of rest: inout UInt64?) throws(PayloadProblem) -> Bool {
        if let count = rest {
            rest = count == 0 ? 0 : count - 1
            return count == 0
        }
        guard position < input.count else { throw Self.brokenOff }
        guard input[position] == 0xFF else { return false }
        position += 1
        return true
    }

    /// All that belongs to an item that was read. `depth` counts what is around it.
    mutating func skip(_ item: Item, depth: Int) throws(PayloadProblem) {
        guard depth <= JSONDocument.maxDepth else {
            throw PayloadProblem(.tooDeep, "arrays, maps and tags more than \(JSONDocument.maxDepth) deep")
        }
        switch item {
        case .unsigned, .negative, .float, .boolean, .bytes, .text, .simple: return
        case .tag: try skip(next(), depth: depth + 1)
        case .pieces: try skipPieces()
        case .array(var rest):
            while try !isAtEnd(of: &rest) { try skip(next(), depth: depth + 1) }
        case .map(var rest):
            while try !isAtEnd(of: &rest) {
                try skip(next(), depth: depth + 1)
                try skip(next(), depth: depth + 1)
            }
        }
    }

    private mutating func skipPieces() throws(PayloadProblem) {
        var rest: UInt64?
        while try !isAtEnd(of: &rest) {
            switch try next() {
            case .bytes, .text: continue
            default: throw Self.malformed("a string in pieces of something else")
            }
        }
    }

    // MARK: - Bytes

    private static var brokenOff: PayloadProblem { malformed("it breaks off") }

    static func malformed(_ what: String) -> PayloadProblem { PayloadProblem(.notSenML, "not a CBOR pack: \(what)") }

    private mutating func byte() throws(PayloadProblem) -> UInt8 {
        guard position < input.count else { throw Self.brokenOff }
        position += 1
        return input[position - 1]
    }

    private mutating func take(_ count: UInt64) throws(PayloadProblem) -> UnsafeRawBufferPointer {
        guard count <= UInt64(input.count - position) else { throw Self.brokenOff }
        let taken = input[position..<position + Int(count)]
        position = taken.endIndex
        return UnsafeRawBufferPointer(rebasing: taken)
    }

    private mutating func text(_ count: UInt64) throws(PayloadProblem) -> UnsafeRawBufferPointer {
        let text = try take(count)
        guard (try? UTF8Span(validating: text.bindMemory(to: UInt8.self).span)) != nil else {
            throw PayloadProblem(.notUTF8, "bytes that are not UTF-8")
        }
        return text
    }

    private mutating func argument(_ detail: UInt8) throws(PayloadProblem) -> UInt64 {
        switch detail {
        case 0..<24: UInt64(detail)
        case 24...27: try take(1 << UInt64(detail - 24)).reduce(0) { $0 << 8 | UInt64($1) }
        default: throw Self.malformed("a length of a kind that is not defined")
        }
    }

    private static func simpleOrFloat(_ detail: UInt8, _ argument: UInt64) throws(PayloadProblem) -> Item {
        switch detail {
        case 20, 21: return .boolean(detail == 21)
        case 24 where argument < 32: throw malformed("a simple value in two bytes that has one")
        case 25: return .float(half(UInt16(argument)))
        case 26: return .float(Double(Float(bitPattern: UInt32(argument))))
        case 27: return .float(Double(bitPattern: argument))
        default: return .simple
        }
    }

    /// By hand: not every processor has `Float16` in Swift.
    private static func half(_ bits: UInt16) -> Double {
        let fraction = Double(bits & 0x3FF)
        let magnitude =
            switch Int(bits >> 10 & 0x1F) {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? Double.infinity : .nan
            case let exponent: (fraction + 1024) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
            }
        return bits >> 15 == 0 ? magnitude : -magnitude
    }
}
