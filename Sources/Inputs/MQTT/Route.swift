import Alarms
import Payloads
import Readings
import Settings

/// A mapping for one topic: what it makes of a message, and where each of its fields goes.
final class Route {
    /// What stands behind a route.
    enum Source {
        /// The mapping takes the topic to leave it alone.
        case nothing
        case payload(PayloadDecoder)
        /// Whether the device of this name is there.
        case availability(PayloadDecoder, device: SeriesName)
        case homie(HomieDecoder, HomieDecoder.Subject)
        case sparkplug(SparkplugDecoder, SparkplugTopic)
        case discovery(Discovery, DiscoveryPayload.Subject)
    }

    /// What became of one message, beside its readings.
    struct Outcome {
        /// Readings of series that were refused.
        var refused = 0
        /// Readings that the mapping's rule left out.
        var suppressed = 0
        /// Readings whose own time was too far from the arrival.
        var skewed = 0
        /// What has to be asked for, and what no longer.
        var change: Discovery.Change?
        var problem: PayloadProblem?
    }

    let mapping: Mapping
    private let source: Source
    private let targets: SeriesTargets

    init(_ mapping: Mapping, _ source: Source, _ targets: SeriesTargets) {
        self.mapping = mapping
        self.source = source
        self.targets = targets
    }

    var isIgnored: Bool { if case .nothing = source { true } else { false } }

    /// Whether a message that the broker kept from before says more than a value.
    var learnsFromRetained: Bool {
        switch source {
        case .homie, .discovery: true
        case .nothing, .payload, .availability, .sparkplug: false
        }
    }

    /// Whoever looks at readings for alarms, and when the message came in by the clock that does not jump.
    typealias Watch = (share: AlarmShare, now: Int64)

    /// Appends the readings of a message to the batch. `isRetained` where its value is from before and no reading. Each is
    /// looked at by `watch` first, whether it is stored or not.
    func read(
        _ payload: UnsafeRawBufferPointer, isRetained: Bool, arrival: Timestamp, watch: Watch?,
        catalogue: SeriesCatalogue, absent: inout AbsentDevices, into batch: inout ReadingBatch,
        refused: (String) -> Void
    ) -> Outcome {
        var outcome = Outcome()
        mapping.decoded.removeAll(keepingCapacity: true)
        decode(payload, isRetained, arrival, &outcome)
        for index in mapping.decoded.indices {
            let field = mapping.decoded[index].field
            guard let id = targets.series(of: field, { fields }, in: catalogue, refused: refused) else {
                outcome.refused += 1
                continue
            }
            if !mapping.settings.rules.apply(to: &mapping.decoded[index], arrival: arrival) { outcome.skewed += 1 }
            let decoded = mapping.decoded[index]
            let reading = Reading(
                series: id, time: decoded.time ?? arrival, value: decoded.value, quality: decoded.quality)
            if case .availability(_, let device) = source, reading.value == .number(0) {
                markStale(device, except: id, arrival, watch, &absent, &batch)
            }
            if let watch {
                let hasOwnTime = decoded.time.map { $0 != arrival } ?? false
                watch.share.take(
                    reading, Arrival(now: watch.now, wall: arrival.microseconds, hasOwnTime: hasOwnTime))
            }
            let isNews = absent.returns(id)
            if targets.stores(reading, of: field, isNews: isNews) {
                batch.append(reading)
            } else {
                outcome.suppressed += 1
            }
        }
        return outcome
    }

    private func decode(
        _ payload: UnsafeRawBufferPointer, _ isRetained: Bool, _ arrival: Timestamp, _ outcome: inout Outcome
    ) {
        switch source {
        case .nothing: break
        case .payload(let decoder), .availability(let decoder, _):
            outcome.problem = decoder.decode(payload, arrival: arrival, into: &mapping.decoded)
        case .homie(let decoder, let subject):
            outcome.problem = decoder.decode(payload, subject, isRetained: isRetained, into: &mapping.decoded)
        case .sparkplug(let decoder, let topic):
            outcome.problem = decoder.decode(payload, topic: topic, arrival: arrival, into: &mapping.decoded)
        case .discovery(let discovery, let subject):
            let (change, problem) = discovery.take(payload, subject)
            outcome.change = change
            outcome.problem = problem
        }
    }

    private var fields: [PayloadField] {
        switch source {
        case .nothing, .discovery: []
        case .payload(let decoder), .availability(let decoder, _): decoder.fields
        case .homie(let decoder, _): decoder.fields
        case .sparkplug(let decoder, _): decoder.fields
        }
    }

    private func markStale(
        _ device: SeriesName, except own: SeriesID, _ arrival: Timestamp, _ watch: Watch?,
        _ absent: inout AbsentDevices, _ batch: inout ReadingBatch
    ) {
        for id in absent.leaves(device) where id != own {
            let reading = Reading(series: id, time: arrival, value: .absent, quality: .stale)
            watch?.share.take(reading, Arrival(now: watch?.now ?? 0, wall: arrival.microseconds))
            batch.append(reading)
        }
    }
}
