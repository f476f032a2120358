import Alarms

/// Finds where a document stops being JSON, which the parser that is fast does not say. Read once more for people, and only
/// where there is a fault.
struct JSONFault {
    private static let deepest = 32

    private let bytes: [UInt8]
    private var at = 0

    /// With its line and column, both counted from 1; nil where this finds none.
    static func first(in bytes: [UInt8]) -> ModelError? {
        var search = JSONFault(bytes: bytes)
        do {
            try search.document()
            return nil
        } catch {
            return error
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func document() throws(ModelError) {
        try value(depth: 0)
        skipSpace()
        if at < bytes.count { throw fault("nothing follows the document") }
    }

    private mutating func value(depth: Int) throws(ModelError) {
        guard depth <= Self.deepest else { throw fault("more than \(Self.deepest) arrays and objects in one another") }
        skipSpace()
        switch try next() {
        case UInt8(ascii: "{"):
            try list(until: UInt8(ascii: "}")) { search throws(ModelError) in
                try search.key()
                try search.value(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try list(until: UInt8(ascii: "]")) { search throws(ModelError) in try search.value(depth: depth + 1) }
        case UInt8(ascii: "\""): try text()
        default: try word()
        }
    }

    /// From the opening bracket to the closing one.
    private mutating func list(
        until end: UInt8, _ element: (inout JSONFault) throws(ModelError) -> Void
    ) throws(ModelError) {
        at += 1
        skipSpace()
        if try next() == end {
            at += 1
            return
        }
        while true {
            try element(&self)
            skipSpace()
            let byte = try next()
            guard byte == end || byte == UInt8(ascii: ",") else {
                throw fault("a comma or \(Character(Unicode.Scalar(end))) belongs here")
            }
            at += 1
            if byte == end { return }
        }
    }

    private mutating func key() throws(ModelError) {
        skipSpace()
        guard try next() == UInt8(ascii: "\"") else { throw fault("a key in quotes belongs here") }
        try text()
        skipSpace()
        guard try next() == UInt8(ascii: ":") else { throw fault("a colon belongs here") }
        at += 1
    }

    private mutating func text() throws(ModelError) {
        at += 1
        while try next() != UInt8(ascii: "\"") {
            guard bytes[at] >= 0x20 else { throw fault("a text has no line breaks or other control characters") }
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        at += 1
    }

    /// A number, or true, false or null.
    private mutating func word() throws(ModelError) {
        let word = bytes[at...].prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "+-._".utf8.contains(byte)
            }
        }
        let text = String(decoding: word, as: UTF8.self)
        guard !word.isEmpty else { throw fault("a value belongs here") }
        if !["true", "false", "null"].contains(text) {
            guard Self.isNumber(word) else { throw fault("\(text.prefix(40)) is neither a number nor another value") }
            let isWhole = word.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
            let fits = isWhole ? Int64(text) != nil || UInt64(text) != nil : Double(text)?.isFinite == true
            guard fits else { throw fault("\(text.prefix(40)) does not fit into 64 bits") }
        }
        at = word.endIndex
    }

    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        func skipDigits() -> Int {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(digits)
            return digits
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !startsWithZero || whole == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if skipDigits() == 0 { return false }
        }
        if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
            if skipDigits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private mutating func skipSpace() {
        while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: true
        default: false
        }
    }

    private func next() throws(ModelError) -> UInt8 {
        guard at < bytes.count else { throw fault("the document ends here, before it is complete") }
        return bytes[at]
    }

    private func fault(_ problem: String) -> ModelError {
        let before = bytes.prefix(at)
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return ModelError("\(line):\(column)", problem)
    }
}
