import Readings

/// `model`: a model of one's own scores the latest values of several series, and a score is too high.
public struct ModelRule: Sendable, Hashable {
    public var file: String
    /// In the order in which the model takes them.
    public var inputs: [SeriesName]
    public var above: Double
    public var deadband: Double
    /// Nanoseconds: an input that has brought nothing for so long is missing.
    public var staleAfter: Int64
    /// Nanoseconds: it is scored that often at most; 0: whenever an input comes.
    public var every: Int64
    /// The series of the scores; nil: it is named by the alarm.
    public var score: SeriesName?
    public var level: AlarmLevel

    public init(
        file: String, inputs: [SeriesName], above: Double, deadband: Double = 0, staleAfter: Int64 = 60_000_000_000,
        every: Int64 = 0, score: SeriesName? = nil, level: AlarmLevel = .warning
    ) {
        self.file = file
        self.inputs = inputs
        self.above = above
        self.deadband = deadband
        self.staleAfter = staleAfter
        self.every = every
        self.score = score
        self.level = level
    }

    func complaint(_ value: String, _ finding: Finding?) -> String {
        switch finding {
        case .noModel: "cannot be told: there is no model from \(file)"
        case .missing(let input): "cannot be told: \(input) has no good value"
        default: "scores \(value), above \(MessageTemplate.text(above))"
        }
    }
}

/// What the desk knows of a model rule.
struct ModelState {
    let rule: ModelRule
    let index: Int
    let alarm: Int
    /// The series of the scores; nil where the catalogue is full.
    let score: SeriesID?
    /// Used again for each score.
    var vector: [Double]
    /// When it was scored last.
    var scored: Int64?
    /// When there may be something to say although nothing comes.
    var due: Int64 = .max
}

/// Rules with a model: the desk scores the latest values of their inputs.
extension AlarmDesk {
    /// From a file: all rules that name it score with it from now on; nil: there is none that can be used.
    public mutating func setModel(_ file: String, _ model: Model?, now: Int64, wall: Int64) {
        models[file] = model
        let moment = Moment(now: now, wall: wall)
        meetAll(moment)
        for place in together.models.indices where together.models[place].rule.file == file {
            score(place, Arrival(now: now, wall: wall), moment)
        }
    }

    /// At the start, so that nothing is missed while nothing comes.
    mutating func meetModels(_ moment: Moment) {
        for (index, rule) in board.rules.enumerated() {
            guard case .model(let model) = rule.condition, let alarm = alarmsOfRule[index].first else { continue }
            let name = model.score ?? SeriesName(path: "\(rule.name)/score")
            let answer = board.catalogue.resolve(SeriesDefinition(name: name))
            let score: SeriesID? = if case .known(let id) = answer { id } else { nil }
            together.models.append(
                ModelState(
                    rule: model, index: index, alarm: alarm, score: score,
                    vector: Array(repeating: 0, count: model.inputs.count), due: moment.now + model.staleAfter))
            schedule(alarm)
        }
    }

    /// An input has come.
    mutating func feed(_ place: Int, _ forwarded: ForwardedReading, _ moment: Moment) {
        let state = together.models[place]
        if let scored = state.scored, state.rule.every > 0, forwarded.arrival.now - scored < state.rule.every {
            together.models[place].due = min(state.due, scored + state.rule.every)
            schedule(state.alarm)
        } else {
            score(place, forwarded.arrival, moment)
        }
    }

    /// Its time has come: an input has waited for it, or may be missing by now.
    mutating func scoreInTime(_ alarm: Int, _ moment: Moment) {
        guard let place = together.models.firstIndex(where: { $0.alarm == alarm }),
            together.models[place].due <= moment.now
        else { return }
        score(place, Arrival(now: moment.now, wall: moment.wall), moment)
    }

    func modelDue(_ alarm: Int) -> Int64 {
        together.models.first { $0.alarm == alarm }?.due ?? .max
    }

    private mutating func score(_ place: Int, _ arrival: Arrival, _ moment: Moment) {
        let state = together.models[place]
        let rule = state.rule
        let missing = gather(place, arrival.now)
        schedule(state.alarm)
        let raw = alarms[state.alarm].condition.raw
        let whenBad = board.rules[state.index].whenBad
        let unknown = whenBad.level(current: raw, lowest: rule.level.rawValue)
        guard let model = models[rule.file], model.inputs == rule.inputs.count else {
            return tell(place, unknown, .absent, .noModel, arrival, 0, moment)
        }
        if let missing {
            // Right after the start it may only be on its way.
            if together.latest[missing] == nil, arrival.now - started < rule.staleAfter { return }
            return tell(place, unknown, .absent, .missing(input: missing), arrival, 0, moment)
        }
        together.models[place].scored = arrival.now
        let vector = together.models[place].vector
        let score = model.score(vector.span)
        let lag = rule.inputs.map { together.latest[$0]?.lag ?? 0 }.max() ?? 0
        guard score.isFinite else { return tell(place, unknown, .number(score), nil, arrival, lag, moment) }
        if let id = state.score {
            let time = Timestamp(microseconds: arrival.wall)
            takeScore(Reading(series: id, time: time, value: .number(score)), moment)
        }
        let limit = rule.above - (raw > 0 ? rule.deadband : 0)
        tell(place, score > limit ? rule.level.rawValue : 0, .number(score), nil, arrival, lag, moment)
    }

    /// Puts the latest values into the vector, and says when the first of them is too old; returns an input that has none.
    private mutating func gather(_ place: Int, _ now: Int64) -> SeriesName? {
        let rule = together.models[place].rule
        var missing: SeriesName?
        var due = Int64.max
        for (index, input) in rule.inputs.enumerated() {
            guard let latest = together.latest[input] else {
                missing = missing ?? input
                due = min(due, started + rule.staleAfter)
                continue
            }
            let end = latest.arrived + rule.staleAfter
            if case .number(let number) = latest.reading.value, !latest.reading.isBad, number.isFinite, now < end {
                together.models[place].vector[index] = number
                due = min(due, end)
            } else {
                missing = missing ?? input
            }
        }
        together.models[place].due = due > now ? due : .max
        return missing
    }

    /// `level` is nil where it stays as it was.
    private mutating func tell(
        _ place: Int, _ level: UInt8?, _ value: Value, _ finding: Finding?, _ arrival: Arrival, _ lag: Int64,
        _ moment: Moment
    ) {
        let alarm = together.models[place].alarm
        guard let level, level != alarms[alarm].condition.raw || alarms[alarm].isLate && lag == 0 else { return }
        let reading = Reading(
            series: together.models[place].score ?? SeriesID(.max), time: Timestamp(microseconds: arrival.wall),
            value: value)
        take(
            AlarmEdge(
                alarm: Int32(alarm), share: AlarmBoard.desk, level: level, reading: reading, arrival: arrival, lag: lag,
                finding: finding), moment)
    }
}
