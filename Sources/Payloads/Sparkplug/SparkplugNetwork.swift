import Readings

/// The edge nodes, and what their messages do to them.
struct SparkplugNetwork {
    private struct Place {
        var node: SparkplugNode
        var scope: SparkplugScope
    }

    private static let mostNodes = 4096
    /// Edge nodes and devices together.
    private static let mostPlaces = 16_384
    /// In all births together. A metric need not have a field.
    private static let mostMetrics = 65_536

    private static var tooManyPlaces: PayloadProblem {
        PayloadProblem(.tooManyFields, "more than \(mostNodes) edge nodes, or \(mostPlaces) with their devices")
    }

    private var message = SparkplugPayload()
    private var extractor = SparkplugExtractor()
    private var index = ByteIndex()
    /// In the order of `index`.
    private var places: [Place] = []
    private var nodeCount = 0
    private var metricCount = 0
    private var rebirths = SparkplugRebirths()

    var fields: [PayloadField] { extractor.table.fields }

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ topic: SparkplugTopic, _ arrival: Timestamp,
        into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        if let problem = message.read(bytes) { return problem }
        extractor.start(milliseconds: message.timestamp, readings: readings.count)
        switch topic.kind {
        case .nodeBirth: nodeBirth(topic, bytes, &readings)
        case .deviceBirth: deviceBirth(topic, bytes, arrival, &readings)
        case .nodeData, .deviceData: data(topic, bytes, arrival, &readings)
        case .nodeDeath: nodeDeath(topic, bytes, &readings)
        case .deviceDeath: deviceDeath(topic, arrival, &readings)
        case .nodeCommand, .deviceCommand: break
        }
        return extractor.problem
    }

    mutating func takeRebirthRequests(now: Duration) -> [(topic: String, payload: [UInt8])] { rebirths.take(now: now) }

    // MARK: - Births

    private mutating func nodeBirth(
        _ topic: SparkplugTopic, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        guard let node = findNode(topic) ?? addNode(topic) else { return }
        rebirths.forget(node)
        metricCount -= node.own.metrics.count
        node.bear(session: session(bytes), sequence: message.sequence)
        takeBirth(of: node.own, bytes, &readings)
    }

    private mutating func deviceBirth(
        _ topic: SparkplugTopic, _ bytes: UnsafeRawBufferPointer, _ arrival: Timestamp,
        _ readings: inout [DecodedReading]
    ) {
        let known = find(topic)
        guard let node = bornNode(known, topic, arrival) else { return }
        follow(node, arrival)
        guard let device = known?.scope ?? addDevice(topic, node) else { return }
        metricCount -= device.metrics.count
        device.bear()
        takeBirth(of: device, bytes, &readings)
    }

    private mutating func takeBirth(
        of scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        for metric in message.metrics {
            guard let position = define(metric, in: scope, bytes) else { continue }
            extractor.prepare(metric, at: position, of: scope)
            extractor.extract(
                metric, scope.metrics[position], at: position, of: scope, bytes, into: &readings)
        }
        metricCount += scope.metrics.count
    }

    /// The place of a metric that is born; nil where it cannot be one.
    private mutating func define(
        _ metric: SparkplugMetric, in scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        let name = bytes[metric.name]
        if let problem = SparkplugExtractor.problem(ofName: name) {
            extractor.note(problem)
            return nil
        }
        guard let position = scope.position(name: name) ?? add(metric, name, to: scope, bytes) else { return nil }
        if metric.hasAlias { scope.setAlias(metric.alias, to: position) }
        return position
    }

    private mutating func add(
        _ metric: SparkplugMetric, _ name: UnsafeRawBufferPointer, to scope: SparkplugScope,
        _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        guard metricCount + scope.metrics.count < Self.mostMetrics else {
            extractor.note(PayloadProblem(.tooManyFields, "more than \(Self.mostMetrics) metrics"))
            return nil
        }
        let unit = bytes[SparkplugProperties(bytes, metric.properties).unit]
        return scope.add(name: name, unit: unit, type: metric.type, isIgnored: Self.isControl(name))
    }

    /// What an edge node can be told, and the number of its session.
    private static func isControl(_ name: UnsafeRawBufferPointer) -> Bool {
        name.begins(with: "Node Control/") || name.begins(with: "Device Control/") || name.equals("bdSeq")
    }

    /// The number that a birth and its death have in common.
    private func session(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        for metric in message.metrics where bytes[metric.name].equals("bdSeq") {
            switch metric.value.kind {
            case .int, .long: return metric.value.word
            default: return nil
            }
        }
        return nil
    }

    // MARK: - Data

    @inline(__always)
    private mutating func data(
        _ topic: SparkplugTopic, _ bytes: UnsafeRawBufferPointer, _ arrival: Timestamp,
        _ readings: inout [DecodedReading]
    ) {
        let known = find(topic)
        guard let node = bornNode(known, topic, arrival) else { return }
        follow(node, arrival)
        guard let scope = known?.scope, scope.isBorn else {
            return noteUnborn("a device whose birth was not seen", node, arrival)
        }
        let (metrics, aliases) = (scope.metrics, scope.aliases)
        for metric in message.metrics {
            let known = metric.hasAlias ? aliases.position(of: metric.alias) : nil
            if let position = known ?? position(of: metric, in: scope, bytes) {
                extractor.extract(metric, metrics[position], at: position, of: scope, bytes, into: &readings)
            } else {
                noteUnknown(metric, bytes, node, arrival)
            }
        }
    }

    private func position(
        of metric: SparkplugMetric, in scope: SparkplugScope, _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        metric.name.isEmpty ? nil : scope.position(name: bytes[metric.name])
    }

    private mutating func noteUnknown(
        _ metric: SparkplugMetric, _ bytes: UnsafeRawBufferPointer, _ node: SparkplugNode, _ arrival: Timestamp
    ) {
        let name = bytes[metric.name]
        guard !Self.isControl(name) else { return }
        if metric.hasAlias {
            extractor.note(PayloadProblem(unbornAlias: metric.alias))
        } else if let problem = SparkplugExtractor.problem(ofName: name) {
            return extractor.note(problem)
        } else {
            extractor.note(
                PayloadProblem(
                    .unborn, field: String(decoding: name, as: UTF8.self), "a metric that is in no birth that was seen")
            )
        }
        rebirths.want(node, arrival)
    }

    // MARK: - Deaths

    /// Whatever was born with the edge node is stale from now on. A payload of the broker's, it has no time of its own.
    private mutating func nodeDeath(
        _ topic: SparkplugTopic, _ bytes: UnsafeRawBufferPointer, _ readings: inout [DecodedReading]
    ) {
        guard let node = findNode(topic), node.isEnded(by: session(bytes)) else { return }
        end(node.own, at: nil, &readings)
        for device in node.devices { end(device, at: nil, &readings) }
    }

    private mutating func deviceDeath(_ topic: SparkplugTopic, _ arrival: Timestamp, _ readings: inout [DecodedReading])
    {
        let known = find(topic)
        guard let node = bornNode(known, topic, arrival) else { return }
        follow(node, arrival)
        guard let device = known?.scope else { return }
        end(device, at: extractor.messageTime, &readings)
    }

    private mutating func end(_ scope: SparkplugScope, at time: Timestamp?, _ readings: inout [DecodedReading]) {
        for entry in scope.entries {
            readings.append(DecodedReading(field: entry.field, time: time, value: .absent, quality: .stale))
        }
        metricCount -= scope.metrics.count
        scope.clear()
    }

    // MARK: - Edge nodes and devices

    /// The edge node that a message is in the sequence of; nil, and asked for its birth, where it has none.
    @inline(__always)
    private mutating func bornNode(_ known: Place?, _ topic: SparkplugTopic, _ arrival: Timestamp) -> SparkplugNode? {
        guard let node = known?.node ?? findNode(topic) ?? addNode(topic) else { return nil }
        guard node.isBorn else {
            noteUnborn("an edge node whose birth was not seen", node, arrival)
            return nil
        }
        return node
    }

    private mutating func noteUnborn(_ statement: String, _ node: SparkplugNode, _ arrival: Timestamp) {
        extractor.note(PayloadProblem(.unborn, statement))
        rebirths.want(node, arrival)
    }

    @inline(__always)
    private mutating func follow(_ node: SparkplugNode, _ arrival: Timestamp) {
        guard let gap = node.follow(message.sequence) else { return }
        extractor.note(gap)
        rebirths.want(node, arrival)
    }

    @inline(__always)
    private func find(_ topic: SparkplugTopic) -> Place? {
        topic.withKey { index.position(of: $0) }.map { places[$0] }
    }

    private func findNode(_ topic: SparkplugTopic) -> SparkplugNode? {
        topic.withNodeKey { index.position(of: $0) }.map { places[$0].node }
    }

    private mutating func addNode(_ topic: SparkplugTopic) -> SparkplugNode? {
        guard nodeCount < Self.mostNodes, places.count < Self.mostPlaces else {
            extractor.note(Self.tooManyPlaces)
            return nil
        }
        let scope = SparkplugScope(number: UInt32(places.count), prefix: "\(topic.group)/\(topic.node)/")
        let node = SparkplugNode(group: topic.group, name: topic.node, own: scope)
        nodeCount += 1
        topic.withNodeKey { index.append($0) }
        places.append(Place(node: node, scope: scope))
        return node
    }

    private mutating func addDevice(_ topic: SparkplugTopic, _ node: SparkplugNode) -> SparkplugScope? {
        guard places.count < Self.mostPlaces else {
            extractor.note(Self.tooManyPlaces)
            return nil
        }
        let prefix = "\(topic.group)/\(topic.node)/\(topic.device ?? "")/"
        let scope = SparkplugScope(number: UInt32(places.count), prefix: prefix)
        node.add(scope)
        topic.withKey { index.append($0) }
        places.append(Place(node: node, scope: scope))
        return scope
    }
}
