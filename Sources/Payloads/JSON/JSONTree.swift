import CSimdjson

/// A JSON document with all that it holds, for files: payloads have their values looked up by `JSONDocument`.
public final class JSONTree {
    private let tree: OpaquePointer

    public init(_ bytes: [UInt8]) throws(PayloadProblem) {
        var status = cjson_status.ok
        let tree = bytes.withUnsafeBytes {
            cjson_tree_read($0.baseAddress, $0.count, JSONDocument.maxDepth, &status)
        }
        guard let tree else { throw JSONDocument.problem(of: status) ?? PayloadProblem(.notJSON, "no JSON") }
        self.tree = tree
    }

    deinit { cjson_tree_destroy(tree) }

    public var root: JSONNode { JSONNode(self, cjson_tree_root(tree)) }
}

/// A value within a document, which lives as long as it.
public struct JSONNode {
    public enum Value {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        case array
        case object
    }

    private let tree: JSONTree
    private let node: cjson_node

    fileprivate init(_ tree: JSONTree, _ node: cjson_node) {
        self.tree = tree
        self.node = node
    }

    public var value: Value {
        withExtendedLifetime(tree) {
            let value = cjson_node_value(node)
            return switch value.kind {
            case .null: .null
            case .bool: .bool(value.boolean)
            case .int64: .number(Double(value.int64))
            case .uint64: .number(Double(value.uint64))
            case .double: .number(value.number)
            case .string: .text(String(decoding: value.string, as: UTF8.self))
            case .container: cjson_node_is_object(node) ? .object : .array
            }
        }
    }

    /// The first of an object.
    public func members(most: Int) -> [(key: String, node: JSONNode)] {
        withExtendedLifetime(tree) {
            let members = [cjson_member](unsafeUninitializedCapacity: most) {
                $1 = cjson_node_members(node, $0.baseAddress, $0.count)
            }
            return members.map { member in
                let key = UnsafeRawBufferPointer(start: member.key, count: member.key_length)
                return (String(decoding: key, as: UTF8.self), JSONNode(tree, member.node))
            }
        }
    }

    /// Of an array; never more than the 16,777,215 that the parser counts.
    public var count: Int { withExtendedLifetime(tree) { cjson_node_count(node) } }

    /// The first of an array.
    public func elements(most: Int) -> [JSONNode] {
        withExtendedLifetime(tree) {
            let nodes = [cjson_node](unsafeUninitializedCapacity: min(most, count)) {
                $1 = cjson_node_elements(node, $0.baseAddress, $0.count)
            }
            return nodes.map { JSONNode(tree, $0) }
        }
    }

    /// The first of an array, up to one that is no number.
    public func numbers(most: Int) -> [Double] {
        withExtendedLifetime(tree) {
            [Double](unsafeUninitializedCapacity: min(most, count)) {
                $1 = cjson_node_numbers(node, $0.baseAddress, $0.count)
            }
        }
    }
}
