import Alarms
import Payloads
import Platform
import Polling
import Readings
import Settings

/// A device: what is asked of it, and where its values go.
struct DevicePolls {
    let settings: ModbusDeviceSettings
    private var points: [Point]
    /// Where it is to be found is open.
    private(set) var wantedBlock: Int?
    /// By point; nil where the catalogue refuses it.
    private let series: [SeriesID?]
    private var last: [StoreRule.Last?]
    private(set) var requests: [PlannedRequest]
    /// By request and part.
    private var turns: [[PointTurn]]
    /// What was said last of each request that went wrong.
    var complaints: [String?]

    init(_ settings: ModbusDeviceSettings, cuts: LearntCuts, resolve: (ModbusPointSettings) -> SeriesID?) {
        self.settings = settings
        points = settings.points.map(\.point)
        wantedBlock = settings.sunSpecModel
        series = settings.points.map(resolve)
        last = Array(repeating: nil, count: points.count)
        requests = Planner.plan(points, unit: settings.unit, limits: settings.limits, cuts: cuts)
        turns = requests.map { request in request.parts.map { _ in PointTurn() } }
        complaints = Array(repeating: nil, count: requests.count)
    }

    /// Whether all of its points are there if the block of them begins here.
    func fits(at base: UInt16) -> Bool { points.allSatisfy { $0.addresses.upperBound <= 65_536 - Int(base) } }

    /// The block of its points begins here.
    mutating func place(at base: UInt16, _ cuts: LearntCuts) {
        wantedBlock = nil
        for index in points.indices {
            points[index].address &+= base
            if let scale = points[index].scaleRegister { points[index].scaleRegister = scale &+ base }
        }
        plan(cuts)
    }

    /// Makes other requests after a refusal.
    mutating func plan(_ cuts: LearntCuts) {
        requests = Planner.plan(points, unit: settings.unit, limits: settings.limits, cuts: cuts)
        turns = requests.map { request in request.parts.map { _ in PointTurn() } }
        complaints = Array(repeating: nil, count: requests.count)
    }

    /// Learns from the refusal of a request; false where there is nothing to be learnt.
    func learn(from request: Int, _ cuts: inout LearntCuts) -> Bool { cuts.learn(from: requests[request], points) }

    /// What an answer says, or the want of one, of the points that have their turn at this moment of the request. Nothing is
    /// good that was not read: a value that is missing is absent. Alarms look at each first, whether it is stored or not.
    mutating func read(
        _ result: Result<Answer, PollFailure>, of request: Int, moment: Int64, at time: Timestamp, now: MonotonicTime,
        alarms: AlarmShare?, into batch: inout ReadingBatch
    ) -> (stored: Int, suppressed: Int) {
        let isAnswered = if case .success(.data) = result { true } else { false }
        var counts = (stored: 0, suppressed: 0)
        for (number, part) in requests[request].parts.enumerated() {
            guard turns[request][number].comes(at: moment, everyNth: part.everyNth, isAnswered: isAnswered) else {
                continue
            }
            guard let id = series[part.index] else { continue }
            let (value, quality) = value(of: part, result)
            let reading = Reading(series: id, time: time, value: value, quality: quality)
            alarms?.take(reading, Arrival(now: now.nanoseconds, wall: time.microseconds))
            if let rule = settings.points[part.index].store, !rule.stores(reading, after: &last[part.index]) {
                counts.suppressed += 1
            } else {
                batch.append(reading)
                counts.stored += 1
            }
        }
        return counts
    }

    private func value(
        of part: PlannedRequest.Part, _ result: Result<Answer, PollFailure>
    ) -> (value: Value, quality: Quality) {
        switch result {
        case .success(.data(let data)):
            data.withUnsafeBytes { points[part.index].read($0, at: part.offset, scaleAt: part.scaleOffset) }
        case .success(.exception): (.absent, .deviceException)
        case .success(.written), .failure: (.absent, .communicationError)
        }
    }
}

/// Why a request has no answer.
enum PollFailure: Error {
    case timeout
    /// What came could not be used.
    case garbage(String)
    case line(String)

    var description: String {
        switch self {
        case .timeout: "no answer"
        case .garbage(let what): "no answer that could be used: \(what)"
        case .line(let what): what
        }
    }
}
