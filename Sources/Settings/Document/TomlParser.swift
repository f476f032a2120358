import CToml

/// The root table of a document; nil when the document is malformed, which is then in the log.
func parseToml(_ bytes: [UInt8], file: String, log: ProblemLog) -> Table? {
    if let offset = firstInvalidUTF8(in: bytes) {
        log.error(
            "this byte is not UTF-8: save the file as UTF-8",
            at: Place(file: file, position: .init(ofByte: offset, in: bytes)))
        return nil
    }
    if let offset = firstTooDeepNesting(in: bytes) {
        let message = "more than \(deepestNesting) levels of tables and arrays are not supported"
        log.error(message, at: Place(file: file, position: .init(ofByte: offset, in: bytes)))
        return nil
    }
    let builder = DocumentBuilder(file: file)
    bytes.withUnsafeBytes { buffer in
        // The builder outlives the call, which is the only user of the reference.
        let context = Unmanaged.passUnretained(builder).toOpaque()
        CTomlParse(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, visitTomlItem, context)
    }
    if let syntaxError = builder.syntaxError {
        log.error(syntaxError.message, at: syntaxError.place)
    }
    return builder.root
}

private func visitTomlItem(context: UnsafeMutableRawPointer?, item: UnsafePointer<CTomlItem>?) {
    guard let context, let item else { return }
    Unmanaged<DocumentBuilder>.fromOpaque(context).takeUnretainedValue().visit(item.pointee)
}

/// Puts the tree together from the parser's sequence of values.
private final class DocumentBuilder {
    /// A table or array whose end has not come yet. It collects members either way; those of an array have no key.
    /// The item's texts stay valid until the parser returns, so it can wait here.
    private struct Open {
        let item: CTomlItem
        var members: [Table.Member] = []
    }

    private let file: String
    private var open: [Open] = []
    private(set) var root: Table?
    private(set) var syntaxError: (message: String, place: Place)?

    init(file: String) { self.file = file }

    func visit(_ item: CTomlItem) {
        switch item.kind {
        case .table, .array: open.append(Open(item: item))
        case .end: close()
        case .string: add(.text(text(item)), for: item)
        case .integer: add(.integer(Int(item.integer)), for: item)
        case .number: add(.number(item.number), for: item)
        case .boolean: add(.boolean(item.boolean), for: item)
        case .date: add(.date, for: item)
        case .error: syntaxError = (explainSyntaxError(String(item.text)), place(item.start))
        }
    }

    private func close() {
        let closed = open.removeLast()
        guard closed.item.kind == .table else {
            add(.array(closed.members.map(\.value)), for: closed.item)
            return
        }
        let table = Table(members: closed.members.sorted(by: Table.Member.standsBefore))
        if open.isEmpty {
            root = table
        } else {
            add(.table(table), for: closed.item)
        }
    }

    private func add(_ content: Node.Content, for item: CTomlItem) {
        let node = Node(content: content, place: place(item.start))
        let member = Table.Member(key: String(item.key), keyPlace: place(item.keyPlace), value: node)
        open[open.count - 1].members.append(member)
    }

    private func text(_ item: CTomlItem) -> Text {
        let string = String(item.text)
        let width = Int(item.end.column) - Int(item.start.column)
        let isVerbatim = item.start.line == item.end.line && width == string.unicodeScalars.count + 2
        return Text(string: string, isVerbatim: isVerbatim)
    }

    private func place(_ place: CTomlPlace) -> Place {
        Place(file: file, position: Place.Position(line: Int(place.line), column: Int(place.column)))
    }
}

extension String {
    fileprivate init(_ text: CTomlText) {
        self.init(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }
}

private func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
    do {
        _ = try UTF8Span(validating: bytes.span)
        return nil
    } catch {
        return error.byteOffsets.lowerBound
    }
}

/// toml++ says "Error while parsing SCOPE: WHAT".
private func explainSyntaxError(_ message: String) -> String {
    let prefix = "Error while parsing "
    guard message.hasPrefix(prefix), let colon = message.firstIndex(of: ":") else { return "not TOML: \(message)" }
    let scope = message.dropFirst(prefix.count).prefix(upTo: colon)
    let explained = "not TOML (\(scope))\(message[colon...])"
    let scopesOfBareWords = ["value", "boolean", "decimal integer", "floating-point", "inf/nan"]
    guard scopesOfBareWords.contains(String(scope)) else { return explained }
    return explained + "; text, durations and sizes stand in quotes, such as \"10s\""
}
