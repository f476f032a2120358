import Alarms
import Payloads

/// A model as a JSON document: see etc/models/README.md.
public enum ModelFile {
    public static let longest = 64 << 20
    /// Of brackets, braces, colons and commas: twice as many as the largest model has. Parsing takes some 24 bytes for each.
    private static let mostMarks = 8_000_000

    public static func read(_ bytes: [UInt8]) throws(ModelError) -> Model {
        guard bytes.count <= longest else {
            throw ModelError("", "\(bytes.count) bytes, where \(longest) are the most")
        }
        guard bytes.count(where: isMark) <= mostMarks else {
            throw ModelError("", "more than \(mostMarks) brackets, braces, colons and commas: no model has as many")
        }
        return try ModelDocument(try tree(bytes).root).model()
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ":"),
            UInt8(ascii: ","):
            true
        default: false
        }
    }

    private static func tree(_ bytes: [UInt8]) throws(ModelError) -> JSONTree {
        do {
            return try JSONTree(bytes)
        } catch {
            throw JSONFault.first(in: bytes) ?? ModelError("", error.detail)
        }
    }
}
