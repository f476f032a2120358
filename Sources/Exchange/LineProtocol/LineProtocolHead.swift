import Readings

/// The measurement and the tags of a line, to what they mean for the series of all its fields.
struct LineProtocolHead: Sendable {
    typealias Tag = (key: [UInt8], value: [UInt8])

    /// What it was made of: consecutive lines mostly have the same.
    let source: [UInt8]
    /// The measurement and, by their keys, the values of the tags: levels of a path.
    private(set) var path: [UInt8] = []
    private(set) var quality = Quality.good
    /// By their keys, without the quality.
    private(set) var tags: [Tag] = []

    init(_ head: Span<UInt8>) throws(RecordProblem) {
        source = Array(head)
        var position = 0
        let measurement = head.extracting(head.name(.measurement, at: &position))
        guard !measurement.isEmpty else { throw RecordProblem("measurement: \(quoted(head)) begins without one") }
        path.append(unescaping: measurement, .measurement)
        for tag in try Self.tags(head, &position).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            add(tag)
        }
    }

    /// A tag `quality` with another word than ours is a tag as any other.
    private mutating func add(_ tag: Tag) {
        if tag.key.elementsEqual("quality".utf8), let quality = tag.value.span.text.flatMap({ Quality(name: $0) }) {
            self.quality = quality
        } else {
            path.append(Byte.slash)
            path += tag.value
            tags.append(tag)
        }
    }

    /// Of a field's series; the key as it stands in the line.
    func path(ofField key: Span<UInt8>) -> [UInt8] {
        guard !key.namesSeries else { return path }
        var path = path
        path.append(Byte.slash)
        path.append(unescaping: key, .part)
        return path
    }

    private static func tags(_ head: Span<UInt8>, _ position: inout Int) throws(RecordProblem) -> [Tag] {
        var tags: [Tag] = []
        while position < head.count {
            guard tags.count < RecordLimits.mostParts else {
                throw RecordProblem("tag: a line has \(RecordLimits.mostParts) of them at most")
            }
            tags.append(try tag(head, &position))
        }
        return tags
    }

    /// At the comma before it.
    private static func tag(_ head: Span<UInt8>, _ position: inout Int) throws(RecordProblem) -> Tag {
        position += 1
        let start = position
        let key = head.extracting(head.name(.part, at: &position))
        guard !key.isEmpty, position < head.count, head[position] == Byte.equals else {
            throw RecordProblem("tag: \(quoted(head.extracting(droppingFirst: start))) is not like key=value")
        }
        position += 1
        let value = head.extracting(head.name(.part, at: &position))
        guard !value.isEmpty, position == head.count || head[position] == Byte.comma else {
            throw RecordProblem("tag: \(quoted(head.extracting(droppingFirst: start))) is not like key=value")
        }
        var tag: Tag = ([], [])
        tag.key.append(unescaping: key, .part)
        tag.value.append(unescaping: value, .part)
        return tag
    }
}
