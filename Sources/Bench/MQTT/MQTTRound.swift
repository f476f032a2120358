import Demo
import Platform
import SQLite
import StoreSQL

/// One receiver at one load, once. It has a broker of its own: what another round has left behind there, such as the
/// session of a gateway that is gone, would have to be served too.
struct MQTTRound {
    enum Role: String, CaseIterable { case subscriber, gateway }

    private static let patience: Duration = .seconds(60)

    let measurement: Measurement
    let published: Int
    /// Nil where nothing is to be stored.
    let store: Store?

    /// What became of the readings that arrived.
    struct Store {
        var readings: Int
        /// Counted as lost: what came at QoS 0 while the journal was full.
        var dropped: Int

        var share: Double { Double(readings) / Double(readings + dropped) }
    }

    init(_ load: MQTTLoad, _ role: Role, publishingFor duration: Duration) throws {
        let directory = try Files.temporaryDirectory("bench")
        defer { Files.removeTree(directory) }
        let broker = try PrivateBroker(directory: directory)
        defer { broker.stop() }
        try BarePublisher.withConnection(port: broker.port) { try $0.leave("0", at: MQTTLoad.sentinelTopic) }
        let receiver = try HelperProcess(Self.helper(load, role, port: broker.port, directory: directory).words)
        _ = try receiver.answer(MQTTHelper.Answer.subscribed, within: Self.patience)
        published = try Self.publish(load, port: broker.port, for: duration)
        receiver.askToStop()
        let words = try receiver.answer(MQTTHelper.Answer.measured, within: Self.patience)
        guard let measurement = Measurement(words) else { throw BenchError("the \(role) answers with no figures") }
        self.measurement = measurement
        store = role == .gateway ? try Store(Self.data(directory)) : nil
    }

    func problems(_ load: MQTTLoad) -> [String] {
        var problems: [String] = []
        if load.qos == 1, measurement.messages != published {
            problems.append("\(measurement.messages) of \(published) messages arrived")
        }
        guard let store else { return problems }
        let missing = measurement.messages * load.readingsPerMessage - store.readings
        if missing != (load.qos == 1 ? 0 : store.dropped) {
            problems.append("\(store.readings) readings are stored, \(missing) fewer than arrived")
        }
        return problems
    }

    private static func data(_ directory: String) -> String { directory + "/data" }

    private static func helper(
        _ load: MQTTLoad, _ role: Role, port: Int, directory: String
    ) throws(SystemError) -> MQTTHelper {
        switch role {
        case .subscriber: return .subscriber(port: port, qos: load.qos)
        case .gateway:
            let path = directory + "/outpost.toml"
            try Files.write(Array(load.configuration(brokerPort: port, data: data(directory)).utf8), to: path)
            return .gateway(configuration: path)
        }
    }

    private static func publish(_ load: MQTTLoad, port: Int, for duration: Duration) throws -> Int {
        let milliseconds = Int(duration.milliseconds)
        let publisher = try HelperProcess(MQTTHelper.publisher(port: port, load, milliseconds: milliseconds).words)
        let words = try publisher.answer(MQTTHelper.Answer.published, within: duration + Self.patience)
        guard let published = words.first.flatMap({ Int($0) }) else { throw BenchError("nothing was published") }
        return published
    }
}

extension MQTTRound.Store {
    init(_ directory: String) throws {
        let store = try StoreQuery(directory: directory)
        readings = try Self.number("SELECT count(*) FROM readings", in: store)
        dropped = try Self.number("SELECT coalesce(sum(count), 0) FROM gaps", in: store)
    }

    private static func number(_ query: String, in store: StoreQuery) throws -> Int {
        var number: SQLValue = .null
        try store.run(query) { _ in
        } row: {
            number = $0[0]
        }
        guard case .integer(let number) = number else { throw BenchError("the store has no number for \(query)") }
        return Int(number)
    }
}
