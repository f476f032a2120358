import Alarms
import Glibc
import MQTTInput
import Mosquitto
import Platform
import Settings

/// The life of a publisher's connection, on its own thread: nothing here is shared.
final class PublisherLoop: ClientDelegate {
    private static let refusedLogin: Set<Int> = [4, 5, 134, 135]
    private static let refusedVersion: Set<Int> = [1, 132]
    private static let longestPause: Duration = .seconds(10)
    /// Somebody has to mend it first.
    private static let pauseAfterRefusal: Duration = .seconds(30)
    private static let keepAliveEvery: Duration = .seconds(1)
    private static let packetsPerPass = 1000

    /// Whom the confirmation of a message is for.
    private enum Recipient {
        case job(Int)
        case state(AlarmPublication.State)
    }

    private let publisher: AlarmPublisher
    private let settings: MQTTSettings
    private let surroundings: Surroundings
    private let wake: WakeUp
    private let isStopping: () -> Bool
    private var version: ProtocolVersion
    private var backoff = Backoff(first: .milliseconds(250), longest: longestPause)
    private var generator = SystemRandomNumberGenerator()
    /// Said once, not at every attempt.
    private var lastFailure: String?

    // Of the present connection.
    private var isAccepted = false
    private var refusal: Int?
    private var dismissal: Int?
    private var progress = 0
    private var onTheWay: [Int: [Recipient]] = [:]
    private var statesOnTheWay: [AlarmPublication.StateID: Int] = [:]
    /// How many messages of each job are not confirmed yet.
    private var open: [Int: Int] = [:]

    init(
        _ publisher: AlarmPublisher, _ settings: MQTTSettings, surroundings: Surroundings, wake: WakeUp,
        isStopping: @escaping () -> Bool
    ) {
        self.publisher = publisher
        self.settings = settings
        self.surroundings = surroundings
        self.wake = wake
        self.isStopping = isStopping
        version = settings.firstVersion
    }

    private var name: String { publisher.name }

    // MARK: - Connecting

    func run() {
        while !isStopping() {
            let client = Client(
                id: settings.clientID + "-alarms", keepsSession: false, version: version, delegate: self)
            do throws(MQTTError) {
                try connect(client)
                try serve(client)
            } catch {
                fail(error)
            }
            client.closeConnection()
            if !isStopping() { pause() }
        }
        disconnect("the gateway ends")
    }

    private func connect(_ client: Client) throws(MQTTError) {
        isAccepted = false
        refusal = nil
        dismissal = nil
        try client.prepare(settings)
        try client.connect(
            host: settings.broker.host, port: Int(settings.broker.port), keepalive: settings.keepalive / 2,
            sessionExpiry: 0)
    }

    private func fail(_ error: MQTTError) {
        let broker = "\(settings.broker)"
        if let refusal, Self.refusedVersion.contains(refusal), version == .v5, settings.protocolVersion == .automatic {
            version = .v311
            backoff.reset()
            return disconnect("\(broker) does not speak MQTT 5")
        }
        let text: String
        if let refusal {
            let hint = Self.refusedLogin.contains(refusal) ? "; check username and password" : ""
            text = "\(broker) refuses the connection for alarms: \(reasonText(refusal))\(hint)"
        } else if isAccepted {
            text = "lost \(broker): \(dismissal.map(reasonText) ?? "\(error)")"
            version = settings.firstVersion
        } else {
            text = "cannot connect to \(broker): \(error)"
            // A broker that hangs up on the first packet may be one that knows only the older protocol.
            if error.isConnectionLost, settings.protocolVersion == .automatic {
                version = version == .v5 ? .v311 : .v5
            }
        }
        surroundings.parts.report(name, .degraded, text)
        if lastFailure != text { surroundings.log.warning(name, text) }
        lastFailure = text
        disconnect(text)
    }

    private func disconnect(_ reason: String) {
        for id in open.keys { publisher.conclude(id, .again(reason)) }
        open = [:]
        onTheWay = [:]
        statesOnTheWay = [:]
        publisher.disconnected(reason)
    }

    private func pause() {
        var pause = backoff.pause(using: &generator)
        if let refusal, Self.refusedLogin.contains(refusal) { pause = Self.pauseAfterRefusal }
        let end = surroundings.clocks.monotonic() + pause
        while !isStopping(), surroundings.clocks.monotonic() < end {
            wake.answer()
            _ = pollDescriptors([(wake.descriptor, POLLIN)], until: end)
        }
    }

    // MARK: - Serving

    private func serve(_ client: Client) throws(MQTTError) {
        var nextKeepAlive = surroundings.clocks.monotonic()
        var wasAccepted = false
        while !isStopping() {
            let now = surroundings.clocks.monotonic()
            if isAccepted, !wasAccepted {
                wasAccepted = true
                try welcome(client)
            }
            if now >= nextKeepAlive {
                try client.keepAlive()
                if isAccepted { try publishStates(client, all: false) }
                nextKeepAlive = now + Self.keepAliveEvery
            }
            if isAccepted { for job in publisher.takeJobs() { try publish(job, client) } }
            try client.writePackets()
            let wanted = POLLIN | (client.hasWrites ? POLLOUT : 0)
            let ready = pollDescriptors(
                [(client.descriptor, wanted), (wake.descriptor, POLLIN)], until: nextKeepAlive)
            if ready[1] != 0 { wake.answer() }
            if ready[0] & (POLLIN | POLLHUP | POLLERR) != 0 { try readPass(client) }
        }
        client.sayGoodbye()
        try client.writePackets()
    }

    /// Reads until nothing is ready, or enough is.
    private func readPass(_ client: Client) throws(MQTTError) {
        for _ in 0..<Self.packetsPerPass {
            let before = progress
            try client.readPacket()
            if let refusal { throw MQTTError(refused: refusal) }
            if progress == before { return }
        }
    }

    /// What the broker keeps is right before anything new is said.
    private func welcome(_ client: Client) throws(MQTTError) {
        backoff.reset()
        lastFailure = nil
        let text = "connected to \(settings.broker)"
        surroundings.parts.report(name, .running, text)
        surroundings.log.info(name, text)
        try publishStates(client, all: true)
        publisher.connected()
    }

    private func publishStates(_ client: Client, all: Bool) throws(MQTTError) {
        let now = surroundings.clocks.monotonic()
        for keeper in publisher.keepers {
            for state in keeper.unconfirmed(now, all: all) { _ = try publish(state, client) }
        }
    }

    private func publish(_ job: AlarmPublisher.Job, _ client: Client) throws(MQTTError) {
        // At first one more, so that an early answer does not end it.
        open[job.id] = 1
        for publication in job.publications {
            guard let id = try publishOnce(publication, client) else { continue }
            onTheWay[id, default: []].append(.job(job.id))
            open[job.id]? += 1
        }
        answered(job.id)
    }

    /// A state may be on its way since the connection was made, or there already.
    private func publishOnce(_ publication: AlarmPublication, _ client: Client) throws(MQTTError) -> Int? {
        if let state = publication.state {
            guard case .open = state.standing else { return nil }
            if let id = statesOnTheWay[state.id] { return id }
        }
        return try publish(publication, client)
    }

    /// The number of the message; nil where it can never be published.
    private func publish(_ publication: AlarmPublication, _ client: Client) throws(MQTTError) -> Int? {
        do throws(MQTTError) {
            let id = try client.publishNumbered(
                publication.topic, publication.payload, qos: publication.qos, isRetained: publication.isRetained)
            onTheWay[id] = []
            if let state = publication.state {
                onTheWay[id] = [.state(state)]
                statesOnTheWay[state.id] = id
            }
            return id
        } catch {
            guard error.isOfRequest else { throw error }
            surroundings.log.warning(
                name, repeats: "publish", "cannot publish to \(Log.printable(publication.topic)): \(error)")
            publication.state?.confirm()
            return nil
        }
    }

    private func answered(_ job: Int, refusal reason: Int? = nil) {
        guard let left = open[job] else { return }
        if let reason {
            open[job] = nil
            publisher.conclude(job, .failed("\(settings.broker) refuses what is published: \(reasonText(reason))"))
        } else if left > 1 {
            open[job] = left - 1
        } else {
            open[job] = nil
            publisher.conclude(job, .done)
        }
    }

    // MARK: - What comes

    func connected(code: Int, sessionPresent: Bool) {
        progress += 1
        if code == 0 { isAccepted = true } else { refusal = code }
    }

    func subscribed(granted: [Int]) {}

    func received(_ message: IncomingMessage) {}

    func dismissed(reason: Int) { dismissal = reason }

    func published(id: Int, reason: Int) {
        progress += 1
        for recipient in onTheWay.removeValue(forKey: id) ?? [] {
            switch recipient {
            case .job(let job): answered(job, refusal: reason >= 128 ? reason : nil)
            case .state(let state):
                statesOnTheWay[state.id] = nil
                state.confirm()
            }
        }
    }
}
