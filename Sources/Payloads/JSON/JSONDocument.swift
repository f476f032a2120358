import CSimdjson

/// A parser of JSON documents that looks up the same paths in each. Its memory is taken once, for the largest document.
struct JSONDocument: ~Copyable {
    /// Arrays and objects within one another.
    static let maxDepth = 32

    private let reader: OpaquePointer
    /// What the last document has at each path. Texts in it are valid until the next is read.
    private(set) var values: [cjson_value]

    init(paths: [JSONPath], maxPayload: Int) {
        guard let reader = cjson_create(maxPayload, Self.maxDepth) else {
            fatalError("no memory to read JSON documents of \(maxPayload) bytes")
        }
        self.reader = reader
        values = Array(repeating: cjson_value(), count: paths.count)
        for path in paths {
            cjson_add_path(reader)
            for step in path.steps { Self.add(step, to: reader) }
        }
    }

    deinit { cjson_destroy(reader) }

    mutating func read(_ payload: UnsafeRawBufferPointer) -> cjson_status {
        cjson_read(reader, payload.baseAddress, payload.count, &values, values.count)
    }

    private static func add(_ step: JSONPath.Step, to reader: OpaquePointer) {
        switch step {
        case .key(let key):
            var key = key
            key.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { cjson_add_key(reader, $0.baseAddress, $0.count) }
            }
        case .index(let index): cjson_add_index(reader, index)
        }
    }
}

extension cjson_value {
    /// The bytes of a value of kind string.
    var string: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text.bytes, count: text.length) }
}
