import Readings

/// Definitions as bytes, every number a varint:
///
///     how many; for each: its series less the one before, its name, whether it has a unit (a byte) and that unit, how
///     many tags, and for each its name and what it says; of texts the length and the UTF-8
enum DefinitionList {
    static func append(_ definition: Frame.Definition, after series: UInt32, to bytes: inout [UInt8]) {
        bytes.append(varint: UInt64(definition.series.rawValue - series))
        bytes.append(text: definition.definition.name.description)
        bytes.append(definition.definition.unit == nil ? 0 : 1)
        if let unit = definition.definition.unit { bytes.append(text: unit) }
        bytes.append(varint: UInt64(definition.definition.tags.count))
        for (name, text) in definition.definition.tags.sorted(by: { $0.key < $1.key }) {
            bytes.append(text: name)
            bytes.append(text: text)
        }
    }

    static func read(_ bytes: Span<UInt8>, into definitions: inout [Frame.Definition]) throws(DamagedBytes) {
        var position = 0
        let count = try bytes.varint(at: &position, upTo: min(Frame.maximumDefinitions, bytes.count))
        definitions.reserveCapacity(count)
        var series: UInt64 = 0
        var tags = Frame.maximumTags
        for index in 0..<count {
            let (next, overflow) = try series.addingReportingOverflow(bytes.varint(at: &position))
            guard !overflow, next <= UInt32.max, next > series || index == 0 else {
                throw DamagedBytes("definitions out of order")
            }
            series = next
            definitions.append(
                Frame.Definition(
                    series: SeriesID(UInt32(next)), definition: try definition(bytes, at: &position, tags: &tags)))
        }
        guard position == bytes.count else { throw DamagedBytes("more bytes than definitions") }
    }

    private static func definition(
        _ bytes: Span<UInt8>, at position: inout Int, tags: inout Int
    ) throws(DamagedBytes) -> SeriesDefinition {
        guard let name = SeriesName(try bytes.text(at: &position)) else { throw DamagedBytes("a name that is none") }
        var definition = SeriesDefinition(name: name)
        switch try bytes.byte(at: &position) {
        case 0: break
        case 1: definition.unit = try bytes.text(at: &position)
        default: throw DamagedBytes("a unit that is neither there nor not")
        }
        let count = try bytes.varint(at: &position, upTo: tags)
        tags -= count
        for _ in 0..<count {
            let tag = try bytes.text(at: &position)
            guard definition.tags.updateValue(try bytes.text(at: &position), forKey: tag) == nil else {
                throw DamagedBytes("a tag that is there twice")
            }
        }
        return definition
    }
}
