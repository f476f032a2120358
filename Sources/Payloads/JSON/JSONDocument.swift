import CSimdjson

/// A parser of JSON documents that looks up the same paths in each. Its memory is taken once, for the largest document.
struct JSONDocument: ~Copyable {
    /// Arrays and objects within one another.
    static let maxDepth = 32

    private let reader: OpaquePointer
    /// What the last document has of what is asked for, valid until the next one is read.
    private(set) var entries = UnsafeBufferPointer<cjson_entry>(start: nil, count: 0)

    /// Where `each` is given, it leads to an array, and each element of that is a document to the paths, but for those of
    /// the whole document, which come first. `walkFrom` asks for all values below where it leads to, however deep.
    init(
        whole: [JSONPath] = [], paths: [JSONPath], each: JSONPath? = nil, walkFrom: JSONPath? = nil, maxPayload: Int
    ) {
        guard let reader = cjson_create(maxPayload, Self.maxDepth) else {
            fatalError("no memory to read JSON documents of \(maxPayload) bytes")
        }
        self.reader = reader
        if let each {
            Self.add(each, to: reader)
            cjson_use_each(reader)
        }
        for path in whole {
            Self.add(path, to: reader)
            cjson_use_whole(reader)
        }
        for path in paths { Self.add(path, to: reader) }
        if let walkFrom {
            Self.add(walkFrom, to: reader)
            cjson_use_walk(reader)
        }
    }

    deinit { cjson_destroy(reader) }

    /// Nil where there are entries; more than the limits allow are a problem beside those within them.
    mutating func read(_ payload: UnsafeRawBufferPointer) -> PayloadProblem? {
        var first: UnsafePointer<cjson_entry>?
        var count = 0
        let status = cjson_read(reader, payload.baseAddress, payload.count, &first, &count)
        entries = UnsafeBufferPointer(start: first, count: count)
        return Self.problem(of: status)
    }

    private static func add(_ path: JSONPath, to reader: OpaquePointer) {
        cjson_add_path(reader)
        for step in path.steps {
            switch step {
            case .key(var key):
                key.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) { cjson_add_key(reader, $0.baseAddress, $0.count) }
                }
            case .index(let index): cjson_add_index(reader, index)
            case .any: cjson_add_any(reader)
            }
        }
    }

    static func problem(of status: cjson_status) -> PayloadProblem? {
        switch status {
        case .ok: nil
        case .empty: PayloadProblem(.empty, "nothing but white space")
        case .too_large: PayloadProblem(.tooLarge, "more than the parser takes")
        case .too_deep: PayloadProblem(.tooDeep, "arrays and objects more than \(maxDepth) deep")
        case .not_utf8: PayloadProblem(.notUTF8, "bytes that are not UTF-8")
        case .bad_number: PayloadProblem(.notJSON, "a number that is malformed or does not fit into 64 bits")
        case .malformed: PayloadProblem(.notJSON, "not a JSON document")
        case .no_array: PayloadProblem(.wrongType, "no array where the readings should be")
        case .incomplete:
            PayloadProblem(
                .tooManyReadings,
                "more than \(cjson_most_entries) values, or one under a path of more than \(cjson_longest_key) bytes")
        }
    }
}

extension cjson_entry {
    /// Nil for a walked value.
    var pathNumber: Int? { path == cjson_walked ? nil : path }
    var keyBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: key, count: key_length) }
}

extension cjson_value {
    /// The bytes of a value of kind string.
    var string: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text.bytes, count: text.length) }
}
