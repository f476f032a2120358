/// What the last birth of an edge node, or of one of its devices, has said: the metrics that there are, and the fields
/// that came of them. Aliases are kept for each device by itself: they have to be different within an edge node, and
/// are not in all of them.
final class SparkplugScope {
    /// Small: one is looked at for each metric of each message.
    struct Metric {
        /// -1 as long as it has none, or has many.
        fileprivate var number: Int32
        let type: SparkplugDataType
        /// Commands and the like: no readings.
        let isIgnored: Bool

        var field: Int? { number < 0 ? nil : Int(number) }
    }

    /// Where the name of a metric is in `texts`, and the unit behind it.
    private struct Label {
        var start: Int
        var nameCount: Int
        var unitCount: Int
    }

    /// A field that a reading of this birth has, or will have.
    struct Entry {
        var field: Int
        /// For what comes again without its type.
        var type: SparkplugDataType
    }

    static let longestName = 256

    /// Of this scope alone: keeps fields of the same name apart, as of a metric "a/b" and a device "a".
    let number: UInt32
    /// What the names of its series begin with, and a slash.
    let prefix: String
    private(set) var isBorn = false
    private(set) var metrics: [Metric] = []
    private var labels: [Label] = []
    private var texts: [UInt8] = []
    private var names = ByteIndex()
    private(set) var aliases = SparkplugAliases()
    private var paths = ByteIndex()
    /// In the order of `paths`; kept until the death even where a birth of the edge node ends this one.
    private(set) var entries: [Entry] = []

    init(number: UInt32, prefix: String) {
        self.number = number
        self.prefix = prefix
    }

    func bear() {
        clear()
        isBorn = true
    }

    /// Its metrics are not to be used any more; what becomes of its fields is still open.
    func unbear() { isBorn = false }

    func clear() {
        isBorn = false
        // None of the memory is kept: what has many metrics once need not have them again.
        metrics = []
        labels = []
        texts = []
        names = ByteIndex()
        aliases = SparkplugAliases()
        paths = ByteIndex()
        entries = []
    }

    // MARK: - Metrics

    func position(name: UnsafeRawBufferPointer) -> Int? { names.position(of: name) }

    /// Takes a metric whose name is not known yet.
    func add(
        name: UnsafeRawBufferPointer, unit: UnsafeRawBufferPointer, type: SparkplugDataType, isIgnored: Bool
    ) -> Int {
        names.append(name)
        metrics.append(Metric(number: -1, type: type, isIgnored: isIgnored))
        labels.append(Label(start: texts.count, nameCount: name.count, unitCount: unit.count))
        texts.append(contentsOf: name)
        texts.append(contentsOf: unit)
        return metrics.count - 1
    }

    func setAlias(_ alias: UInt64, to position: Int) { aliases.set(alias, to: position) }

    func setField(_ field: Int, of position: Int) { metrics[position].number = Int32(field) }

    func name(at position: Int) -> ArraySlice<UInt8> {
        let label = labels[position]
        return texts[label.start..<label.start + label.nameCount]
    }

    func unit(at position: Int) -> ArraySlice<UInt8> {
        let label = labels[position]
        return texts[(label.start + label.nameCount)...].prefix(label.unitCount)
    }

    // MARK: - Fields

    func entry(at path: UnsafeRawBufferPointer) -> Entry? { paths.position(of: path).map { entries[$0] } }

    func add(_ entry: Entry, at path: UnsafeRawBufferPointer) {
        paths.append(path)
        entries.append(entry)
    }
}
