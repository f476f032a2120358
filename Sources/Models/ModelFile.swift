import Alarms
import Payloads

/// A model as a JSON document: see etc/models/README.md.
public enum ModelFile {
    public static let longest = 64 << 20

    public static func read(_ bytes: [UInt8]) throws(ModelError) -> Model {
        guard bytes.count <= longest else {
            throw ModelError("", "\(bytes.count) bytes, where \(longest) are the most")
        }
        return try ModelDocument(try tree(bytes).root).model()
    }

    private static func tree(_ bytes: [UInt8]) throws(ModelError) -> JSONTree {
        do {
            return try JSONTree(bytes)
        } catch {
            throw JSONFault.first(in: bytes) ?? ModelError("", error.detail)
        }
    }
}
