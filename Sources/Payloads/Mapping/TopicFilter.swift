/// An MQTT topic filter that a broker will accept; `$share/GROUP/FILTER` shares its messages among the clients of a
/// group.
public struct TopicFilter: Sendable, Hashable, CustomStringConvertible {
    /// What is asked for at the broker.
    public let description: String
    /// What topics are matched with: without the group.
    public let pattern: String

    /// How many levels a matching topic has; nil when `#` at the end leaves that open.
    public let levelCount: Int?

    public init(parsing text: String) throws(MappingError) {
        guard !text.isEmpty else { throw MappingError("a topic filter cannot be empty", offset: 0) }
        guard text.utf8.count <= 65_535 else {
            throw MappingError("a topic filter has 65,535 bytes at most", offset: 65_535)
        }
        if let zero = text.utf8.firstIndex(of: 0) {
            throw MappingError(
                "a topic filter cannot hold the character U+0000",
                offset: text.utf8.distance(from: text.startIndex, to: zero))
        }
        let allLevels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isShared = allLevels[0].elementsEqual("$share".utf8)
        if isShared { try Self.checkGroup(allLevels) }
        let levels = allLevels.dropFirst(isShared ? 2 : 0)
        for (number, level) in levels.enumerated() where level.count > 1 || number < levels.count - 1 {
            let offset = text.utf8.distance(from: text.startIndex, to: level.startIndex)
            if level.contains(UInt8(ascii: "#")) {
                throw MappingError("\"#\" stands alone, as the last level of a topic filter", offset: offset)
            }
            if level.count > 1, level.contains(UInt8(ascii: "+")) {
                throw MappingError("\"+\" stands for one whole level of a topic filter", offset: offset)
            }
        }
        description = text
        pattern = levels.first.map { String(text[$0.startIndex...]) } ?? text
        levelCount = levels.last?.elementsEqual("#".utf8) == true ? nil : levels.count
    }

    private static func checkGroup(_ levels: [Substring.UTF8View]) throws(MappingError) {
        let group = levels.dropFirst().first
        guard let group, !group.isEmpty, !group.contains(where: { "+#".utf8.contains($0) }), levels.count > 2,
            !levels[2].isEmpty || levels.count > 3
        else { throw MappingError("a shared subscription is written $share/GROUP/FILTER", offset: 0) }
    }
}
