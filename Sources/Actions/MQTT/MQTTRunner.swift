import Alarms
import Platform
import Settings
import Synchronization

/// A broker is told of each event, and keeps what each alarm is at. What it keeps is set right even where the event itself
/// was given up: the newest state of each alarm is remembered until the broker has it, and that of an alarm that stands
/// for longer: a broker that was killed has lost it.
final class MQTTRunner: ActionRunner {
    private struct Newest {
        var event: AlarmEvent
        /// When it is published whether its turn has come or not; nil: the broker has it.
        var due: MonotonicTime?
    }

    /// Of alarms that stand, or whose state the broker lacks. Past it the oldest is let go.
    private static let mostStates = 10_000
    private static let turn: Duration = .seconds(2)
    private static let confirmation: Duration = .seconds(10)

    private let settings: MQTTActionSettings
    private let gateway: String
    private let publisher: AlarmPublisher
    private let clocks: Clocks
    private let newest = Mutex<[AlarmKey: Newest]>([:])

    init(_ settings: MQTTActionSettings, gateway: String, publisher: AlarmPublisher, clocks: Clocks) {
        self.settings = settings
        self.gateway = gateway
        self.publisher = publisher
        self.clocks = clocks
    }

    func start(hurry: @escaping @Sendable () -> Void) -> String? {
        publisher.add(self, whenConnected: hurry)
        return nil
    }

    /// A try does not change what the broker keeps.
    func expect(_ request: ActionRequest) {
        let event = request.event
        guard !event.isTest else { return }
        let due = clocks.monotonic() + Self.turn
        newest.withLock { newest in
            if let known = newest[event.key], known.event.number > event.number { return }
            newest[event.key] = Newest(event: event, due: due)
            guard newest.count > Self.mostStates else { return }
            if let oldest = newest.min(by: { $0.value.event.number < $1.value.event.number }) {
                newest[oldest.key] = nil
            }
        }
    }

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let message = AlarmMessage(event: request.event, gateway: gateway)
        let payload = message.json
        let happening = AlarmPublication(
            topic: TopicName.fill(settings.events, message.text), payload: payload, qos: settings.qos)
        return publisher.publish([happening, state(request.event, message, payload)], stop: stop)
    }

    private func state(_ event: AlarmEvent, _ message: AlarmMessage, _ payload: [UInt8]) -> AlarmPublication {
        let topic = TopicName.fill(settings.topic, message.text)
        // Who listens at this moment sees that it works.
        if event.isTest { return AlarmPublication(topic: topic, payload: payload, qos: settings.qos) }
        return AlarmPublication(
            topic: topic, payload: payload, qos: settings.qos, isRetained: true,
            state: .init(keeper: self, key: event.key, number: event.number))
    }
}

extension MQTTRunner: StateKeeper {
    func unconfirmed(_ now: MonotonicTime, all: Bool) -> [AlarmPublication] {
        let events = newest.withLock { newest in
            var events: [AlarmEvent] = []
            for (key, state) in newest where all || state.due.map({ $0 <= now }) ?? false {
                events.append(state.event)
                newest[key]?.due = now + Self.confirmation
            }
            return events
        }
        return events.sorted { $0.number < $1.number }.map { event in
            let message = AlarmMessage(event: event, gateway: gateway)
            return state(event, message, message.json)
        }
    }

    func standing(_ number: Int64, of key: AlarmKey) -> StateStanding {
        newest.withLock { newest in
            guard let state = newest[key], state.event.number == number else { return .outdated }
            return state.due == nil ? .confirmed : .open
        }
    }

    func confirmed(_ number: Int64, of key: AlarmKey) {
        newest.withLock { newest in
            guard let state = newest[key], state.event.number == number else { return }
            if state.event.state == .normal { newest[key] = nil } else { newest[key]?.due = nil }
        }
    }
}
