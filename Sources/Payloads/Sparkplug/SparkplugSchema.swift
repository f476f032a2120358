/// Which messages lie in which: enough to tell that all of a payload is sound before anything is taken from it.
enum SparkplugSchema {
    case metric, propertySet, propertyValue, propertySetList, dataSet, row, cell, template
    /// Numbers one after the other, without tags.
    case packed

    /// What a field of this message holds, by its tag; nil for what is not read, or holds no message.
    private func child(_ tag: UInt32) -> SparkplugSchema? {
        switch (self, tag) {
        case (.metric, 74), (.propertyValue, 74), (.propertySetList, 10): .propertySet
        case (.metric, 138): .dataSet
        case (.metric, 146): .template
        case (.propertySet, 18): .propertyValue
        case (.propertyValue, 82): .propertySetList
        case (.dataSet, 26): .packed
        case (.dataSet, 34): .row
        case (.row, 10): .cell
        case (.template, 18): .metric
        default: nil
        }
    }

    private var isLevel: Bool { self == .propertySet || self == .template }

    /// The first fault in a message and all that lies in it, and where it is.
    func fault(
        in bytes: UnsafeRawBufferPointer, _ range: ByteRange, depth: Int = 0
    ) -> ProtobufFault.Place? {
        let depth = depth + (isLevel ? 1 : 0)
        guard depth <= ProtobufReader.deepest else { return ProtobufFault.Place(fault: .tooDeep, offset: range.start) }
        var reader = ProtobufReader(bytes, range)
        if self == .packed {
            while reader.nextPacked() {}
        } else {
            while reader.next() {
                if let child = child(reader.tag), let fault = child.fault(in: bytes, reader.content, depth: depth) {
                    return fault
                }
            }
        }
        return reader.place
    }
}
