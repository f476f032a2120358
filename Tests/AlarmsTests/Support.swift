import Readings
import Synchronization
import Testing

@testable import Alarms

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// A board with its desk and the threads that read, all of them under a clock of the test's, and all that came out of it.
final class AlarmBench {
    private final class Box: Sendable {
        let mail = Mutex(AlarmMail())
    }

    let rules: [AlarmRule]
    let actions: [ActionTraits]
    let options: AlarmDesk.Options
    let maxAge: Int64
    let catalogue: SeriesCatalogue
    private(set) var now: Int64
    /// Microseconds; may jump.
    var wall: Int64
    private(set) var board: AlarmBoard
    var desk: AlarmDesk
    private(set) var shares: [AlarmShare] = []
    private(set) var events: [AlarmEvent] = []
    private(set) var requests: [AlarmOutbox.Request] = []
    private(set) var scores: [Reading] = []
    /// What a journal would hold.
    private(set) var saved: [AlarmKey: SavedAlarm] = [:]
    /// Mail waits until `deliver`.
    var isHoldingMail = false
    private var box = Box()

    /// `maxAge` is in seconds.
    init(
        _ rules: [AlarmRule], actions: [ActionTraits] = [], floodLimit: Int = 10_000, tellAll: [String] = [],
        maxAge: Int64 = 60, saved: [SavedAlarm] = [], now: Int64 = 1000 * second, wall: Int64 = 1_700_000_000_000_000,
        catalogue: SeriesCatalogue = SeriesCatalogue(limit: 100_000)
    ) {
        self.rules = rules
        self.actions = actions
        options = AlarmDesk.Options(floodLimit: floodLimit, actions: tellAll)
        self.maxAge = maxAge
        self.now = now
        self.wall = wall
        self.catalogue = catalogue
        self.saved = Dictionary(uniqueKeysWithValues: saved.map { ($0.key, $0) })
        (board, desk) = Self.build(
            rules, actions, options, maxAge, catalogue, saved, box, nextNumber: 1, now: now, wall: wall)
        takeOutbox()
    }

    private static func build(
        _ rules: [AlarmRule], _ actions: [ActionTraits], _ options: AlarmDesk.Options, _ maxAge: Int64,
        _ catalogue: SeriesCatalogue, _ saved: [SavedAlarm], _ box: Box, learned: [Learned] = [], nextNumber: Int64,
        now: Int64, wall: Int64
    ) -> (AlarmBoard, AlarmDesk) {
        let board = AlarmBoard(
            rules, catalogue: catalogue, maxAge: maxAge * 1_000_000,
            levels: Dictionary(uniqueKeysWithValues: saved.map { ($0.key, $0.stands ? $0.level.rawValue : 0) }),
            learned: learned, offset: twoHoursAhead
        ) { news in box.mail.withLock { $0.add(news) } }
        let desk = AlarmDesk(
            board, actions: actions, options: options, restored: saved, nextNumber: nextNumber, now: now, wall: wall)
        return (board, desk)
    }

    /// As if the gateway had been ended and begun anew, with what it had recorded until then.
    func restart(after pause: Int64 = second) {
        now += pause
        wall += pause / 1000
        box = Box()
        shares = []
        // As a journal gives them: in the order of their keys.
        let learned = board.learned()
        let kept = saved.values.sorted { $0.key < $1.key }
        (board, desk) = Self.build(
            rules, actions, options, maxAge, catalogue, kept, box, learned: learned,
            nextNumber: (events.last?.number ?? 0) + 1, now: now,
            wall: wall)
        takeOutbox()
    }

    func series(_ name: String) -> SeriesID {
        guard case .known(let id) = catalogue.resolve(SeriesDefinition(name: SeriesName(name)!)) else {
            fatalError("the catalogue is full")
        }
        return id
    }

    /// A reading comes in; `time` is its own, in microseconds.
    func read(
        _ name: String, _ value: Value, _ quality: Quality = .good, time: Int64? = nil, share: Int = 0
    ) {
        while shares.count <= share { shares.append(board.share()) }
        let reading = Reading(
            series: series(name), time: Timestamp(microseconds: time ?? wall), value: value, quality: quality)
        shares[share].take(reading, Arrival(now: now, wall: wall, hasOwnTime: time != nil))
        guard !isHoldingMail else { return }
        shares[share].flush()
        deliver()
    }

    func read(_ name: String, _ number: Double, time: Int64? = nil, share: Int = 0) {
        read(name, .number(number), time: time, share: share)
    }

    /// What threads have kept to themselves so far, one after the other.
    func flush(_ numbers: Int...) {
        for number in numbers { shares[number].flush() }
        deliver()
    }

    /// The desk does what there is for it to do.
    func deliver() {
        let mail = box.mail.withLock { mail in
            defer { mail.removeAll() }
            return mail
        }
        desk.take(mail, now: now, wall: wall)
        tick()
    }

    private func tick() {
        desk.tick(now: now, wall: wall)
        #expect(desk.nextDue > now, "it is due for ever")
        takeOutbox()
    }

    /// Time passes, and the desk does what is due when it is.
    func advance(_ time: Int64) {
        let end = now + time
        repeat {
            let next = min(max(desk.nextDue, now), end)
            wall += next / 1000 - now / 1000
            now = next
            tick()
        } while now < end
    }

    @discardableResult
    func perform(_ verb: AlarmCommand.Verb, _ rule: String, _ series: String? = nil) -> Bool {
        let command = AlarmCommand(verb, rule: rule, series: series.map { SeriesGlob($0) }, by: "anna", because: "so")
        let result = desk.perform(command, now: now, wall: wall)
        takeOutbox()
        if case .done = result { return true }
        return false
    }

    func takeOutbox() {
        let outbox = desk.takeOutbox()
        events += outbox.events
        requests += outbox.requests
        scores += outbox.scores
        for (key, state) in outbox.states { saved[key] = state }
    }

    func forgetEvents() { (events, requests) = ([], []) }

    // MARK: - What came out

    /// Such as "raised 2": 0 is a notice, and 3 an emergency.
    var steps: [String] { events.map { "\($0.change.rawValue) \($0.level.rawValue - 1)\($0.isLate ? " late" : "")" } }

    /// Such as "siren on"; what is asked for at the start is no event's.
    var moves: [String] { moves(requests.filter { $0.request.event.number > 0 }) }

    /// What no alarm wants when it begins.
    var letGo: [String] { moves(requests.filter { $0.request.event.number == 0 }) }

    private func moves(_ requests: [AlarmOutbox.Request]) -> [String] {
        requests.compactMap { request in
            switch request.request.task {
            case .tell: nil
            case .turnOn: "\(request.action) on"
            case .turnOff: "\(request.action) off"
            }
        }
    }

    func state(_ rule: String, _ series: String = "") -> AlarmState? {
        desk.list(all: true).first { $0.key == AlarmKey(rule: rule, series: series) }?.state
    }

    /// What an action moves is on.
    func isOn(_ action: String) -> Bool {
        requests.last { $0.action == action && $0.request.task != .tell }?.request.task == .turnOn
    }
}

/// A rule on the series a.
func rule(_ name: String, _ condition: AlarmCondition, _ change: (inout AlarmRule) -> Void = { _ in }) -> AlarmRule {
    rule(name, "a", condition, change)
}

func rule(
    _ name: String, _ series: String?, _ condition: AlarmCondition, _ change: (inout AlarmRule) -> Void = { _ in }
) -> AlarmRule {
    var rule = AlarmRule(name: name, series: series.map { SeriesGlob($0) }, condition: condition)
    change(&rule)
    return rule
}

func above(_ limit: Double, _ level: AlarmLevel = .warning, deadband: Double = 0) -> AlarmCondition {
    .limits(Limits([.init(level, above: limit)], deadband: deadband))
}

@Sendable private func twoHoursAhead(_ time: Int64) -> Int { 7200 }

let siren = ActionTraits("siren", .moves(until: .cleared))
