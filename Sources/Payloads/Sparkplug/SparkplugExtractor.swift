import Readings

/// When and how well what a metric says was measured.
struct SparkplugStamp {
    var time: Timestamp?
    /// It has a time, which cannot be meant.
    var isTimeBad = false
    var quality = Quality.good

    init() {}

    /// A time of 0 is none.
    mutating func take(milliseconds: UInt64) {
        guard milliseconds != 0 else { return }
        time = TimeFormat.milliseconds.timestamp(milliseconds)
        isTimeBad = time == nil
    }
}

/// Makes readings of metrics, whichever shape their values have.
///
/// A plain value has one field. The elements of an array are fields below it (NAME/0), and so are the cells of a table
/// (NAME/ROW/COLUMN) and the members of a template (NAME/MEMBER), which may have any of these shapes again. Those are found
/// by their path, which is put together where the last one was.
struct SparkplugExtractor {
    /// Of all edge nodes together.
    private static let mostFields = 65_536

    let table = FieldTable(limit: mostFields)
    /// The first of a message.
    private(set) var problem: PayloadProblem?
    private var mostReadings = 0
    private var stamp = SparkplugStamp()
    private var path: [UInt8] = []
    private var key: [UInt8] = []

    /// Begins a message, with the time that it gives.
    mutating func start(milliseconds: UInt64, readings: Int) {
        problem = nil
        mostReadings = readings + PayloadDecoder.mostReadings
        stamp = SparkplugStamp()
        stamp.take(milliseconds: milliseconds)
    }

    /// Nil where the message gives none that can be meant.
    var messageTime: Timestamp? { stamp.time }

    mutating func note(_ other: PayloadProblem) { problem = problem ?? other }

    /// Put together for the first alone.
    private mutating func note(_ misfit: SparkplugMisfit, _ scope: SparkplugScope) {
        if problem == nil { problem = misfit.problem(at: describedPath(scope)) }
    }

    // MARK: - Metrics

    /// What a metric says that a birth has told of.
    @inline(__always)
    mutating func extract(
        _ metric: SparkplugMetric, _ known: SparkplugScope.Metric, at position: Int, of scope: SparkplugScope,
        _ bytes: UnsafeRawBufferPointer, into readings: inout [DecodedReading]
    ) {
        guard !known.isIgnored, !metric.isTransient else { return }
        let type = (metric.type == .unknown ? known.type : metric.type).resolved(by: metric.value.kind)
        let stamp = stamp(of: metric, within: self.stamp, bytes)
        if type.shape == .plain, let field = known.field {
            append(metric, type, field, stamp, bytes, &readings)
        } else {
            setPath(position, scope)
            let unit = scope.unit(at: position)
            extract(metric, type, stamp, unit, scope, bytes, depth: 0, into: &readings)
        }
    }

    /// Makes the field of a metric that has a single value, whatever the value is: its death will speak of it.
    mutating func prepare(_ metric: SparkplugMetric, at position: Int, of scope: SparkplugScope) {
        let known = scope.metrics[position]
        guard known.field == nil, !known.isIgnored, !metric.isTransient,
            known.type.resolved(by: metric.value.kind).shape == .plain
        else { return }
        setPath(position, scope)
        guard let field = field(known.type, scope.unit(at: position), scope) else { return }
        scope.setField(field, of: position)
    }

    private mutating func setPath(_ position: Int, _ scope: SparkplugScope) {
        path.removeAll(keepingCapacity: true)
        path.append(contentsOf: scope.name(at: position))
    }

    @inline(__always)
    private func stamp(
        of metric: SparkplugMetric, within outer: SparkplugStamp, _ bytes: UnsafeRawBufferPointer
    ) -> SparkplugStamp {
        var stamp = outer
        stamp.take(milliseconds: metric.timestamp)
        if !metric.properties.isEmpty {
            stamp.quality = SparkplugProperties(bytes, metric.properties).quality ?? stamp.quality
        }
        return stamp
    }

    /// A metric of any shape, at the present path.
    private mutating func extract(
        _ metric: SparkplugMetric, _ type: SparkplugDataType, _ stamp: SparkplugStamp, _ unit: ArraySlice<UInt8>,
        _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer, depth: Int, into readings: inout [DecodedReading]
    ) {
        let shape = type.shape
        if shape == .plain {
            guard let field = field(type, unit, scope) else { return }
            return append(metric, type, field, stamp, bytes, &readings)
        }
        // Which fields a whole that is not there would have nobody knows.
        guard shape != .opaque, !metric.isNull, metric.value.kind != .none else { return }
        switch (shape, metric.value.kind) {
        case (.array, .bytes): array(metric.value.content, type, stamp, unit, scope, bytes, &readings)
        case (.dataSet, .dataSet): dataSet(metric.value.content, stamp, unit, scope, bytes, &readings)
        case (.template, .template): template(metric.value.content, stamp, scope, bytes, depth: depth, &readings)
        default: note(.wrongType, scope)
        }
    }

    // MARK: - Single values

    @inline(__always)
    private mutating func append(
        _ metric: SparkplugMetric, _ type: SparkplugDataType, _ field: Int, _ stamp: SparkplugStamp,
        _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        // What is said to be null has no value, whatever else is there.
        let value = metric.isNull ? SparkplugValue() : metric.value
        append(value, type, field, stamp, bytes, &readings)
    }

    @inline(__always)
    private mutating func append(
        _ value: SparkplugValue, _ type: SparkplugDataType, _ field: Int, _ stamp: SparkplugStamp,
        _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        guard readings.count < mostReadings else { return note(PayloadDecoder.tooManyReadings) }
        if stamp.isTimeBad { note(PayloadProblem(.badTime, "not a time between the years 1970 and 9999")) }
        var quality = stamp.quality == .good && stamp.isTimeBad ? .uncertain : stamp.quality
        do {
            let read: Value
            if value.kind == .none {
                read = .absent
                if stamp.quality == .good { quality = .deviceException }
            } else {
                read = try value.read(as: type, in: bytes)
            }
            readings.append(DecodedReading(field: field, time: stamp.time, value: read, quality: quality))
        } catch {
            if problem == nil { problem = error.problem(at: table.fields[field].suffix ?? "") }
        }
    }

    /// The field at the present path. Within a birth it keeps the unit that it had at first: data need not repeat it.
    private mutating func field(_ type: SparkplugDataType, _ unit: ArraySlice<UInt8>, _ scope: SparkplugScope) -> Int? {
        if let entry = path.withUnsafeBytes({ scope.entry(at: $0) }) { return entry.field }
        key.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: scope.number) { key.append(contentsOf: $0) }
        key.append(contentsOf: path)
        key.append(0xFF)  // is nowhere in UTF-8
        key.append(contentsOf: unit)
        let field = key.withUnsafeBytes { key in
            table.find(key) {
                PayloadField(
                    suffix: describedPath(scope), unit: unit.isEmpty ? nil : String(decoding: unit, as: UTF8.self))
            }
        }
        guard let field else {
            if problem == nil { problem = FieldTable.isFull(at: describedPath(scope), limit: table.limit) }
            return nil
        }
        path.withUnsafeBytes { scope.add(SparkplugScope.Entry(field: field, type: type), at: $0) }
        return field
    }

    private func describedPath(_ scope: SparkplugScope) -> String {
        scope.prefix + String(decoding: path, as: UTF8.self)
    }

    // MARK: - Arrays and tables

    private mutating func array(
        _ content: ByteRange, _ type: SparkplugDataType, _ stamp: SparkplugStamp, _ unit: ArraySlice<UInt8>,
        _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        guard var elements = SparkplugArray(bytes, content, type) else {
            return note(
                PayloadProblem(.wrongSize, field: describedPath(scope), "\(content.count) bytes make no such array"))
        }
        let length = path.count
        var index = 0
        while readings.count < mostReadings, let value = elements.next() {
            appendLevel(index)
            append(value, at: elements.elementType, stamp, unit, scope, bytes, &readings)
            path.removeLast(path.count - length)
            index += 1
        }
        if elements.next() != nil { note(PayloadDecoder.tooManyReadings) }
    }

    private mutating func dataSet(
        _ content: ByteRange, _ stamp: SparkplugStamp, _ unit: ArraySlice<UInt8>, _ scope: SparkplugScope,
        _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        guard let columns = SparkplugDataSet(bytes, content) else {
            return note(
                PayloadProblem(.wrongSize, field: describedPath(scope), "the numbers of columns are different ones"))
        }
        if let problem = columns.names.lazy.compactMap({ Self.problem(ofName: bytes[$0]) }).first {
            return note(problem)
        }
        let length = path.count
        var row = 0
        var rows = ProtobufReader(bytes, content)
        while rows.next() {
            guard SparkplugDataSet.isRow(rows.tag) else { continue }
            appendLevel(row)
            self.row(rows.content, columns, stamp, unit, scope, bytes, &readings)
            path.removeLast(path.count - length)
            row += 1
        }
    }

    private mutating func row(
        _ content: ByteRange, _ columns: SparkplugDataSet, _ stamp: SparkplugStamp, _ unit: ArraySlice<UInt8>,
        _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        let length = path.count
        var column = 0
        var cells = ProtobufReader(bytes, content)
        while cells.next() {
            guard SparkplugDataSet.isCell(cells.tag) else { continue }
            if column < columns.names.count {
                appendLevel(bytes[columns.names[column]])
                let value = SparkplugDataSet.cell(bytes, cells.content)
                append(value, at: columns.types[column], stamp, unit, scope, bytes, &readings)
                path.removeLast(path.count - length)
            }
            column += 1
        }
        if column != columns.names.count {
            note(
                PayloadProblem(
                    .wrongSize, field: describedPath(scope),
                    "\(column) cells, where there are \(columns.names.count) columns"))
        }
    }

    /// A value within another, at the present path.
    private mutating func append(
        _ value: SparkplugValue, at type: SparkplugDataType, _ stamp: SparkplugStamp, _ unit: ArraySlice<UInt8>,
        _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        let type = type.resolved(by: value.kind)
        guard type.shape != .opaque else { return }
        guard type.shape == .plain else { return note(.wrongType, scope) }
        guard readings.count < mostReadings else { return note(PayloadDecoder.tooManyReadings) }
        guard let field = field(type, unit, scope) else { return }
        append(value, type, field, stamp, bytes, &readings)
    }

    private mutating func appendLevel(_ name: UnsafeRawBufferPointer) {
        path.append(UInt8(ascii: "/"))
        path.append(contentsOf: name)
    }

    private mutating func appendLevel(_ number: Int) {
        path.append(UInt8(ascii: "/"))
        let start = path.count
        var rest = number
        repeat {
            path.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        path[start...].reverse()
    }

    // MARK: - Templates

    private enum TemplateField: UInt32 {
        case metric = 18
        case isDefinition = 40
    }

    /// An instance; a definition says only what instances are made of.
    private mutating func template(
        _ content: ByteRange, _ stamp: SparkplugStamp, _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer,
        depth: Int, _ readings: inout [DecodedReading]
    ) {
        guard !isDefinition(content, bytes) else { return }
        let length = path.count
        var reader = ProtobufReader(bytes, content)
        while reader.next() {
            guard reader.tag == TemplateField.metric.rawValue else { continue }
            var memberReader = ProtobufReader(bytes, reader.content)
            let member = SparkplugMetric(&memberReader)
            if let problem = Self.problem(ofName: bytes[member.name]) {
                note(problem)
                continue
            }
            appendLevel(bytes[member.name])
            self.member(member, stamp, scope, bytes, depth: depth + 1, &readings)
            path.removeLast(path.count - length)
        }
    }

    private func isDefinition(_ content: ByteRange, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var isDefinition = false
        var reader = ProtobufReader(bytes, content)
        while reader.next() {
            if reader.tag == TemplateField.isDefinition.rawValue { isDefinition = reader.word != 0 }
        }
        return isDefinition
    }

    private mutating func member(
        _ member: SparkplugMetric, _ stamp: SparkplugStamp, _ scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer,
        depth: Int, _ readings: inout [DecodedReading]
    ) {
        // The payload was seen to be no deeper.
        guard !member.isTransient, depth <= ProtobufReader.deepest else { return }
        let known = member.type == .unknown ? path.withUnsafeBytes({ scope.entry(at: $0)?.type }) : nil
        let type = (known ?? member.type).resolved(by: member.value.kind)
        let unit = bytes[SparkplugProperties(bytes, member.properties).unit]
        extract(
            member, type, self.stamp(of: member, within: stamp, bytes), ArraySlice(unit), scope, bytes, depth: depth,
            into: &readings)
    }

    // MARK: - Names

    /// Why a name is none; nil for a good one.
    static func problem(ofName name: UnsafeRawBufferPointer) -> PayloadProblem? {
        if name.isEmpty { return PayloadProblem(.notSparkplug, "an empty name") }
        guard name.count <= SparkplugScope.longestName else {
            return PayloadProblem(
                .notSparkplug, "a name of \(name.count) bytes, where \(SparkplugScope.longestName) are the limit")
        }
        guard (try? UTF8Span(validating: name.bindMemory(to: UInt8.self).span)) != nil else {
            return PayloadProblem(.notUTF8, "a name that is not UTF-8")
        }
        return nil
    }
}
