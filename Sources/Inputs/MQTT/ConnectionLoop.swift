import Alarms
import Glibc
import Mosquitto
import Payloads
import Platform
import Readings
import Settings

/// The life of a connection, on its own thread: nothing here is shared.
final class ConnectionLoop: ClientDelegate {
    /// After so many packets the batch goes on its way, even if more are ready.
    private static let packetsPerPass = 1000
    /// Acknowledgements are taken from the library this often while more come.
    private static let catchEvery: Duration = .milliseconds(10)
    private static let refusedLogin: Set<Int> = [4, 5, 134, 135]
    private static let refusedVersion: Set<Int> = [1, 132]
    private static let sessionTakenOver = 142
    private static let shortLife: Duration = .seconds(5)
    private static let firstPauseBeforeAsking: Duration = .seconds(5)
    private static let longestPauseBeforeAsking: Duration = .seconds(300)

    private let settings: MQTTSettings
    private let name: String
    private let purpose: MQTTConnection.Purpose
    private let observe: (@Sendable (MQTTConnection.Observation) -> Void)?
    private let sink: any ReadingSink
    private let alarms: AlarmShare?
    private let catalogue: SeriesCatalogue
    private let surroundings: Surroundings
    private let metrics: ConnectionMetrics
    private let wake: WakeUp
    private let isStopping: () -> Bool

    /// Each filter once, at the highest QoS asked for.
    private let subscriptions: [(filter: String, qos: Int)]
    private var routes: TopicRoutes
    private var backoff = Backoff()
    private var generator = SystemRandomNumberGenerator()
    /// Said once, not at every attempt.
    private var lastFailure: String?

    // Of the present connection.
    private var client: Client?
    private var version = ProtocolVersion.v5
    private var hold = AcknowledgementHold()
    private var redeliveries = Redeliveries()
    private var window = InFlightWindow(.v5)
    private var lastRead = MonotonicTime(nanoseconds: 0)
    /// A commit has been asked for, and nothing was released since.
    private var isHurrying = false
    private var isAccepted = false
    private var acceptedAt = MonotonicTime(nanoseconds: 0)
    /// How many connections in a row the broker has taken and ended soon after.
    private var shortLives = 0
    private var refusal: Int?
    /// Why the broker has ended the connection, where it said so.
    private var dismissal: Int?
    private var awaitedSubscriptions: ArraySlice<(filter: String, qos: Int)> = []
    /// Subscriptions that the broker has refused: they are asked for again.
    private var refused: [(filter: String, qos: Int)] = []
    private var nextAsking = MonotonicTime(nanoseconds: 0)
    private var pauseBeforeAsking = firstPauseBeforeAsking
    /// All that the configuration asks for has been answered.
    private var isSubscribed = false
    private var connectedText = ""
    private var progress = 0
    private var batch = ReadingBatch()
    private var absent: AbsentDevices
    /// QoS 1 messages whose acknowledgement is still with the library.
    private var uncaught = 0
    private var nextCatch = MonotonicTime(nanoseconds: 0)
    private var lastTicket: UInt64 = 0
    private var lastArrival: Int64 = 0

    init(
        _ settings: MQTTSettings, name: String, purpose: MQTTConnection.Purpose, sink: any ReadingSink,
        alarms: AlarmShare?, catalogue: SeriesCatalogue, surroundings: Surroundings, wake: WakeUp,
        isStopping: @escaping () -> Bool
    ) {
        self.settings = settings
        self.name = name
        self.sink = sink
        self.alarms = alarms
        self.catalogue = catalogue
        absent = AbsentDevices(catalogue)
        self.surroundings = surroundings
        self.wake = wake
        self.isStopping = isStopping
        self.purpose = purpose
        if case .trial(let observe) = purpose { self.observe = observe } else { observe = nil }
        metrics = ConnectionMetrics(
            surroundings.metrics, connection: settings.name,
            filters: Set(settings.topics.map(\.filter.description)))
        var highest: [(filter: String, qos: Int)] = []
        for topic in settings.topics {
            let filter = topic.filter.description
            let qos = if case .watch = purpose { 0 } else { topic.qos }
            if let index = highest.firstIndex(where: { $0.filter == filter }) {
                highest[index].qos = max(highest[index].qos, qos)
            } else {
                highest.append((filter, qos))
            }
        }
        subscriptions = highest
        version = settings.firstVersion
        routes = TopicRoutes(settings, unmatched: metrics.unmatched)
    }

    // MARK: Connecting

    func run() {
        while !isStopping() {
            do throws(MQTTError) {
                try connect()
                try serve()
            } catch {
                fail(error)
            }
            discardConnection()
            if !isStopping() { pause() }
        }
    }

    private func connect() throws(MQTTError) {
        surroundings.parts.report(name, .starting, "connecting to \(settings.broker)")
        let client = Client(id: clientID, keepsSession: isIngest, version: version, delegate: self)
        if settings.tls != nil { hold = AcknowledgementHold(keepsOrder: true) }
        try client.prepare(settings)
        if isIngest, let status = settings.status {
            try client.setWill(status.topic, status.message("offline", nil), isRetained: true)
        }
        self.client = client
        window = InFlightWindow(version)
        isAccepted = false
        refusal = nil
        dismissal = nil
        // Half: the library asks for a sign of life after one such time of silence, and misses it after another.
        try client.connect(
            host: settings.broker.host, port: Int(settings.broker.port), keepalive: settings.keepalive / 2,
            sessionExpiry: isIngest ? settings.sessionExpirySeconds : 0)
    }

    /// The only one that the broker is to know of.
    private var isIngest: Bool { if case .ingest = purpose { true } else { false } }

    private var clientID: String {
        switch purpose {
        case .ingest: settings.clientID
        case .watch: "\(settings.clientID)-watch"
        case .trial: "outpost-test-\(UInt32.random(in: .min ... .max))"
        }
    }

    private func discardConnection() {
        client?.closeConnection()
        client = nil
        // The broker sends again what was not acknowledged; what was read of it goes to the store all the same, the
        // batch that found no room included.
        hold = AcknowledgementHold()
        redeliveries.connectionEnded()
        isHurrying = false
        uncaught = 0
        metrics.unacknowledged.set(0)
    }

    private func fail(_ error: MQTTError) {
        guard !isStopping() else { return }
        let wasShort = isAccepted && surroundings.clocks.monotonic() - acceptedAt < Self.shortLife
        shortLives = wasShort ? shortLives + 1 : 0
        let broker = "\(settings.broker)"
        let text: String
        if let refusal, Self.refusedVersion.contains(refusal), version == .v5, settings.protocolVersion == .automatic {
            version = .v311
            backoff.reset()
            return surroundings.log.info(name, "\(broker) does not speak MQTT 5: using MQTT 3.1.1")
        } else if let refusal, Self.refusedLogin.contains(refusal) {
            let user = settings.username.map { "the user \"\($0)\"" } ?? "a client without a username"
            text = "\(broker) refuses \(user): \(reasonText(refusal)); check username and password (trying again)"
        } else if let refusal {
            text = "\(broker) refuses the connection: \(reasonText(refusal))"
        } else if dismissal == Self.sessionTakenOver {
            text =
                "another client has connected to \(broker) as \"\(settings.clientID)\" and ended this connection: two "
                + "clients need two names (client_id); trying again in half a minute"
        } else if isAccepted {
            text = "lost \(broker): \(error)\(isFightLikely ? fightHint : "")"
            // What spoke for the older protocol then may have been a broker on its way up.
            version = settings.firstVersion
        } else {
            text =
                "cannot connect to \(broker): \(error)\(error.isHangUp ? certificateHint : "")"
            // A broker that hangs up on the first packet may be one that knows only the older protocol.
            if error.isConnectionLost, settings.protocolVersion == .automatic {
                version = version == .v5 ? .v311 : .v5
            }
        }
        surroundings.parts.report(name, .degraded, text)
        if lastFailure != text { surroundings.log.warning(name, text) }
        lastFailure = text
    }

    /// Most brokers end the connection of a client whose name another one uses without a word.
    private var isFightLikely: Bool { shortLives >= 3 }

    private var fightHint: String {
        "; several connections in a row have ended within seconds: another client may connect as "
            + "\"\(settings.clientID)\", and two clients need two names (client_id)"
    }

    /// A broker that asks for a certificate says so by hanging up.
    private var certificateHint: String {
        guard let tls = settings.tls, tls.certificateFile == nil, tls.preSharedKey == nil else { return "" }
        return "; it may want a certificate of this gateway: cert_file and key_file"
    }

    private func pause() {
        var pause = backoff.pause(using: &generator)
        // To take the session back at once would be a fight that nobody sees.
        let isHopeless = refusal.map(Self.refusedLogin.contains) ?? (dismissal == Self.sessionTakenOver)
        if isHopeless { pause = .seconds(30) }
        let end = surroundings.clocks.monotonic() + pause
        while !isStopping(), surroundings.clocks.monotonic() < end {
            wake.answer()
            _ = pollDescriptors([(wake.descriptor, POLLIN)], until: end)
        }
    }

    // MARK: Serving

    private func serve() throws(MQTTError) {
        guard let client else { return }
        try sendUnheld(client)
        var nextKeepAlive = surroundings.clocks.monotonic()
        while !isStopping() {
            let now = surroundings.clocks.monotonic()
            if now >= nextKeepAlive {
                try catchAcknowledgements(client)
                askForBirths(client)
                askAgain(now)
                try client.keepAlive()
                try sendUnheld(client)
                nextKeepAlive = now + .seconds(1)
            }
            let mayRead = batch.isEmpty && (sink.hasRoom || !hasAcknowledgements)
            let wanted = (mayRead ? POLLIN : 0) | (hold.wantsToSend ? POLLOUT : 0)
            var until = nextKeepAlive
            if uncaught > 0, batch.isEmpty { until = min(until, nextCatch) }
            if window.isInferredFull(waiting: unacknowledged), !isHurrying {
                until = min(until, lastRead + InFlightWindow.quiet)
            }
            let ready = pollDescriptors([(client.descriptor, wanted), (wake.descriptor, POLLIN)], until: until)
            if ready[1] != 0 { wake.answer() }
            if ready[0] & (POLLIN | POLLHUP | POLLERR) != 0, mayRead || ready[0] & POLLIN == 0 {
                try readPass(client)
            }
            if !batch.isEmpty, !submitBatch(), !hasAcknowledgements { dropBatch() }
            try acknowledge(client)
        }
        try finish(client)
    }

    private var hasAcknowledgements: Bool { subscriptions.contains { $0.qos > 0 } }

    /// Reads until nothing is ready, or enough is.
    private func readPass(_ client: Client) throws(MQTTError) {
        lastRead = surroundings.clocks.monotonic()
        for _ in 0..<Self.packetsPerPass {
            let before = progress
            try client.readPacket()
            if let refusal { throw MQTTError(refused: refusal) }
            if progress == before { break }
        }
    }

    private func acknowledge(_ client: Client) throws(MQTTError) {
        if uncaught == 0 {
            try sendUnheld(client)
        } else if surroundings.clocks.monotonic() >= nextCatch {
            try catchAcknowledgements(client)
        }
        let before = hold.heldMessages
        let released = hold.release(committed: sink.committed)
        if !released.isEmpty { hold.sent(try client.send(released)) }
        if hold.heldMessages < before {
            redeliveries.noteAcknowledged(before - hold.heldMessages)
            window.noteRelease()
            isHurrying = false
        }
        metrics.unacknowledged.set(unacknowledged)
        window.note(waiting: unacknowledged)
        let silence = surroundings.clocks.monotonic() - lastRead
        if !isHurrying, window.isUsedUp(waiting: unacknowledged, silence: silence) {
            isHurrying = true
            sink.hurry()
        }
    }

    private var unacknowledged: Int { hold.heldMessages + uncaught }

    /// Everything that the library wants to write by now may leave once everything that was read by now is durable.
    private func catchAcknowledgements(_ client: Client) throws(MQTTError) {
        // What is read but found no room yet has no number to wait for.
        guard uncaught > 0, batch.isEmpty else { return }
        var bytes: [UInt8] = []
        try client.catchWrites(into: &bytes)
        hold.hold(bytes, messages: uncaught, until: lastTicket)
        uncaught = 0
        nextCatch = surroundings.clocks.monotonic() + Self.catchEvery
    }

    /// Packets that acknowledge nothing.
    private func sendUnheld(_ client: Client) throws(MQTTError) {
        guard uncaught == 0, client.hasWrites else { return }
        var bytes: [UInt8] = []
        try client.catchWrites(into: &bytes)
        hold.sendNow(bytes)
        let released = hold.release(committed: sink.committed)
        hold.sent(try client.send(released))
    }

    /// The last commit, the last acknowledgements, and a goodbye.
    private func finish(_ client: Client) throws(MQTTError) {
        let deadline = surroundings.clocks.monotonic() + .seconds(2)
        try catchAcknowledgements(client)
        // The journal was full to the end: these messages stay the broker's, and it hears nothing more of us.
        guard uncaught == 0 else { return }
        say("offline")
        client.sayGoodbye()
        var goodbye: [UInt8] = []
        // The end of an encrypted connection may fail; what is held leaves all the same.
        try? client.catchWrites(into: &goodbye)
        hold.hold(goodbye, messages: 0, until: lastTicket)
        while surroundings.clocks.monotonic() < deadline {
            if sink.committed < lastTicket { sink.hurry() }
            let released = hold.release(committed: sink.committed)
            if released.isEmpty, sink.committed >= lastTicket { return }
            hold.sent(try client.send(released))
            wake.answer()
            let next = min(deadline, surroundings.clocks.monotonic() + .milliseconds(50))
            if sink.committed < lastTicket { _ = pollDescriptors([(wake.descriptor, POLLIN)], until: next) }
        }
    }

    // MARK: What comes

    func connected(code: Int, sessionPresent: Bool) {
        progress += 1
        guard code == 0 else {
            refusal = code
            return
        }
        isAccepted = true
        acceptedAt = surroundings.clocks.monotonic()
        backoff.reset()
        lastFailure = nil
        metrics.connects.add()
        let protocolName = version == .v5 ? "MQTT 5" : "MQTT 3.1.1"
        connectedText =
            "connected to \(settings.broker) (\(protocolName)\(sessionPresent ? ", session resumed" : ""))"
        surroundings.parts.report(name, .starting, "\(connectedText), subscribing")
        refused = []
        pauseBeforeAsking = Self.firstPauseBeforeAsking
        isSubscribed = false
        redeliveries.connected(sessionPresent: sessionPresent)
        awaitedSubscriptions = []
        for subscription in subscriptions + routes.announced { subscribe(to: subscription.filter, subscription.qos) }
        say("online")
    }

    private func subscribe(to filter: String, _ qos: Int) {
        do throws(MQTTError) {
            try client?.subscribe(filter, qos: qos)
            awaitedSubscriptions.append((filter, qos))
        } catch {
            surroundings.log.error(name, "cannot subscribe to \(filter): \(error)")
        }
    }

    /// Retained: whoever asks later knows it, too.
    private func say(_ state: String) {
        guard isIngest, let status = settings.status else { return }
        let message = status.message(state, surroundings.clocks.wall())
        // A broker that does not let us say it loses only that.
        try? client?.publish(status.topic, message, isRetained: true)
    }

    func dismissed(reason: Int) { dismissal = reason }

    func subscribed(granted: [Int]) {
        progress += 1
        for code in granted {
            // Brokers answer in the order of asking.
            guard let asked = awaitedSubscriptions.popFirst() else { return }
            if code >= 128 {
                refused.append(asked)
                nextAsking = surroundings.clocks.monotonic() + pauseBeforeAsking
                let text = "the broker refuses the subscription to \(asked.filter): \(reasonText(code))"
                surroundings.log.error(name, repeats: asked.filter, text)
                surroundings.parts.report(name, .degraded, text)
            } else if code < asked.qos {
                surroundings.log.warning(
                    name, repeats: asked.filter,
                    "the broker grants \(asked.filter) at QoS \(code) only: what comes while we are away is lost")
            }
        }
        guard awaitedSubscriptions.isEmpty else { return }
        if refused.isEmpty { surroundings.parts.report(name, .running, connectedText) }
        if !isSubscribed { surroundings.log.info(name, connectedText) }
        isSubscribed = true
    }

    func received(_ message: IncomingMessage) {
        progress += 1
        metrics.messages.add()
        metrics.bytes.add(message.payload.count)
        if message.qos > 0 {
            if uncaught == 0 { nextCatch = max(nextCatch, surroundings.clocks.monotonic()) }
            uncaught += 1
        }
        let (arrival, isKnown) = arrival(of: message)
        // What has been looked at before the connection was lost is not looked at again.
        let watch = isKnown ? nil : alarms.map { (share: $0, now: surroundings.clocks.monotonic().nanoseconds) }
        let routes = routes.routes(for: message.topic)
        if routes.isEmpty {
            metrics.unmapped.add()
            giveUp(
                message, arrival, "unmapped", "no [[mqtt.topic]] takes this topic", nil, Route.Outcome(),
                rows: batch.count)
        }
        for route in observe == nil ? routes : TopicRoutes.worthShowing(routes) {
            take(message, arrival, watch, route)
        }
        alarms?.flush()
    }

    private func take(_ message: IncomingMessage, _ arrival: Timestamp, _ watch: Route.Watch?, _ route: Route) {
        let isOld = message.isRetained && observe == nil && route.mapping.settings.retained == .ignore
        if isOld, !route.learnsFromRetained {
            metrics.retained.add()
            return
        }
        let firstRow = batch.count
        let outcome = route.read(
            message.payload, isRetained: isOld, arrival: arrival, watch: watch, catalogue: catalogue, absent: &absent,
            into: &batch
        ) { refusal in
            surroundings.log.warning(name, repeats: "refused", refusal)
        }
        metrics.readings.add(batch.count - firstRow)
        metrics.refused.add(outcome.refused)
        metrics.suppressed.add(outcome.suppressed)
        metrics.skewed.add(outcome.skewed)
        if isOld, batch.count == firstRow { metrics.retained.add() }
        if let change = outcome.change { apply(change, qos: route.mapping.settings.qos) }
        if let problem = outcome.problem {
            metrics.countUndecoded(problem.reason)
            giveUp(message, arrival, problem.reason.rawValue, problem.detail, route, outcome, rows: firstRow)
        } else if let observe {
            observe(observation(message, route, outcome, rows: firstRow, problem: nil))
        }
    }

    /// What a broker refuses now it may grant later, when somebody has mended its rules.
    private func askAgain(_ now: MonotonicTime) {
        guard !refused.isEmpty, now >= nextAsking else { return }
        pauseBeforeAsking = min(pauseBeforeAsking * 2, Self.longestPauseBeforeAsking)
        let again = refused
        refused = []
        for subscription in again { subscribe(to: subscription.filter, subscription.qos) }
    }

    /// A look from outside asks nobody for anything.
    private func askForBirths(_ client: Client) {
        guard isIngest, isSubscribed else { return }
        let now = surroundings.clocks.monotonic() - MonotonicTime(nanoseconds: 0)
        for request in routes.takeRebirthRequests(now: now) {
            surroundings.log.info(name, repeats: request.topic, "asks for a birth: \(request.topic)")
            try? client.publish(request.topic, request.payload)
        }
    }

    /// What has been announced is asked for.
    private func apply(_ change: Discovery.Change, qos: Int) {
        for topic in change.subscribe { subscribe(to: topic, qos) }
        for topic in change.unsubscribe { try? client?.unsubscribe(topic) }
    }

    private func giveUp(
        _ message: IncomingMessage, _ arrival: Timestamp, _ reason: String, _ detail: String, _ route: Route?,
        _ outcome: Route.Outcome, rows: Int
    ) {
        if let observe {
            return observe(observation(message, route, outcome, rows: rows, problem: detail))
        }
        lastTicket = sink.submit(
            DeadLetter(
                source: settings.name, topic: message.topic, reason: reason, detail: detail, payload: message.payload,
                time: arrival.microseconds))
    }

    private func observation(
        _ message: IncomingMessage, _ route: Route?, _ outcome: Route.Outcome, rows first: Int, problem: String?
    ) -> MQTTConnection.Observation {
        MQTTConnection.Observation(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained,
            filter: route?.mapping.settings.filter.description, isLeftAlone: route?.isIgnored ?? false,
            readings: (first..<batch.count).map { batch[$0] },
            suppressed: outcome.suppressed, skewed: outcome.skewed,
            announced: outcome.change?.subscribe ?? [], problem: problem)
    }

    /// Of a message that comes again it is that of the first time.
    private func arrival(of message: IncomingMessage) -> (time: Timestamp, isKnown: Bool) {
        guard message.qos > 0 else { return (stampArrival(), false) }
        let hash = ByteHash.of(message.payload, seed: ByteHash.of(UnsafeRawBufferPointer(message.topic)))
        let first = redeliveries.firstArrival(id: message.id, hash: hash)
        let arrival = first.map { Timestamp(microseconds: $0) } ?? stampArrival()
        redeliveries.note(.init(id: message.id, hash: hash, arrival: arrival.microseconds))
        return (arrival, first != nil)
    }

    /// The time of arrival, different for every message, so that no reading takes another's place.
    private func stampArrival() -> Timestamp {
        var now = surroundings.clocks.wall()
        // A clock that was set back by more than a moment is believed.
        if now <= lastArrival, lastArrival - now < 1_000_000 { now = lastArrival + 1 }
        lastArrival = now
        return Timestamp(microseconds: now)
    }

    private func submitBatch() -> Bool {
        guard let ticket = sink.submit(batch) else { return false }
        lastTicket = ticket
        batch.removeAll()
        return true
    }

    /// At QoS 0 nobody would send it again: it is counted, and leaves a gap.
    private func dropBatch() {
        metrics.dropped.add(batch.count)
        sink.submit(
            Gap(
                source: settings.name, reason: .overflow, first: batch.times.min() ?? 0, last: batch.times.max() ?? 0,
                count: batch.count))
        surroundings.log.warning(name, repeats: "dropped", "the journal is full: \(batch.count) readings dropped")
        batch.removeAll()
        // What is left out next would be so for the sake of what is lost.
        routes.forget()
    }
}

extension MQTTSettings {
    /// The largest number says that it never ends.
    fileprivate var sessionExpirySeconds: UInt32 {
        guard let sessionExpiry else { return .max }
        return UInt32(clamping: min(sessionExpiry.components.seconds, Int64(UInt32.max - 1)))
    }
}

extension MQTTSettings.Status {
    /// `time` is wall time; nobody knows it of a message that is left with the broker.
    fileprivate func message(_ state: String, _ time: Int64?) -> [UInt8] {
        var members: [(String, JSON)] = [("gateway", .text(gatewayID)), ("state", .text(state))]
        if let time { members.append(("time", .integer(time))) }
        return Array(JSON.object(members).description.utf8)
    }
}
