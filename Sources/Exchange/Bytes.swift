/// The bytes that mean something in a file of readings.
enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let hash = UInt8(ascii: "#")
    static let slash = UInt8(ascii: "/")
    static let minus = UInt8(ascii: "-")
    static let point = UInt8(ascii: ".")
}

extension Span<UInt8> {
    func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    func equals(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        for index in indices where self[index] != other.utf8Start[index] { return false }
        return true
    }

    /// Nil where the bytes are not UTF-8: a repaired text would be another one than the file has.
    var text: String? {
        do {
            return String(copying: try UTF8Span(validating: self))
        } catch {
            return nil
        }
    }
}

extension [UInt8] {
    init(_ bytes: Span<UInt8>) {
        self = []
        append(contentsOf: bytes)
    }

    mutating func append(contentsOf bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}

/// What a file holds, as a message repeats it: on one line, and not without end.
func quoted(_ bytes: Span<UInt8>) -> String {
    let longest = 40
    // No character has more than four bytes.
    let start = bytes.extracting(first: 4 * longest)
    let scalars = start.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }.unicodeScalars
    var result = ""
    for scalar in scalars.prefix(longest) {
        if scalar.properties.generalCategory == .control {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    let isWhole = start.count == bytes.count && scalars.count <= longest
    return "\"\(result)\(isWhole ? "" : "...")\""
}
