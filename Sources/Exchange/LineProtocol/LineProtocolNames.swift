/// Names of measurements, tags and fields. A backslash takes the meaning from what has one there, and stands for
/// itself before anything else: so a name cannot end with one.
enum LineProtocolName {
    case measurement
    /// The key or the value of a tag, or the key of a field.
    case part

    func isSpecial(_ byte: UInt8) -> Bool {
        byte == Byte.comma || byte == Byte.space || (byte == Byte.equals && self == .part)
    }
}

extension Span<UInt8> {
    /// From `position` to before the first special byte without a backslash, or to the end; moves `position` there.
    func name(_ kind: LineProtocolName, at position: inout Int) -> Range<Int> {
        let start = position
        while position < count, !kind.isSpecial(self[position]) || isEscaped(position, from: start) { position += 1 }
        return start..<position
    }

    func isEscaped(_ position: Int, from start: Int) -> Bool {
        position > start && self[position - 1] == Byte.backslash
    }
}

extension [UInt8] {
    mutating func append(unescaping name: Span<UInt8>, _ kind: LineProtocolName) {
        for index in name.indices {
            let isEscape = name[index] == Byte.backslash && index + 1 < name.count && kind.isSpecial(name[index + 1])
            if !isEscape { append(name[index]) }
        }
    }

    mutating func append(escaping name: Span<UInt8>, _ kind: LineProtocolName) {
        for index in name.indices {
            if kind.isSpecial(name[index]) { append(Byte.backslash) }
            append(name[index])
        }
    }
}
