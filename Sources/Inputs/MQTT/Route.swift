import Payloads
import Platform
import Readings
import Settings

/// One `[[mqtt.topic]]` and what it has done so far.
final class Mapping {
    let settings: TopicSettings
    let decoder: PayloadDecoder
    /// 1 until a topic matches the filter: a mistyped one is visible then.
    var unmatched: Gauge?
    /// Of one message.
    fileprivate var decoded: [DecodedReading] = []

    init(_ settings: TopicSettings, maxPayload: Int) {
        self.settings = settings
        decoder = PayloadDecoder(settings.format, maxPayload: maxPayload)
    }
}

/// A mapping for one topic: what it makes of a message, and where each of its fields goes.
final class Route {
    private enum Target {
        case unknown
        case series(SeriesID)
        /// The catalogue is full, or the topic cannot be named by the template.
        case refused
    }

    /// What became of one message, beside its readings.
    struct Outcome {
        /// Readings of series that were refused.
        var refused = 0
        /// Readings that the mapping's rule left out.
        var suppressed = 0
        /// Readings whose own time was too far from the arrival.
        var skewed = 0
        var problem: PayloadProblem?
    }

    let mapping: Mapping
    private let topic: String
    private let allTargets: TargetCount
    private var targets: [Target] = []
    /// By field, where the mapping has a rule for it.
    private var last: [StoreRule.Last?] = []

    init(_ mapping: Mapping, topic: String, targets: TargetCount) {
        self.mapping = mapping
        self.topic = topic
        allTargets = targets
    }

    /// Appends the readings of a message to the batch.
    func read(
        _ payload: UnsafeRawBufferPointer, arrival: Timestamp, catalogue: SeriesCatalogue,
        into batch: inout ReadingBatch, refused: (String) -> Void
    ) -> Outcome {
        var outcome = Outcome()
        mapping.decoded.removeAll(keepingCapacity: true)
        outcome.problem = mapping.decoder.decode(payload, arrival: arrival, into: &mapping.decoded)
        for index in mapping.decoded.indices {
            let field = mapping.decoded[index].field
            guard case .series(let id) = target(of: field, in: catalogue, refused: refused) else {
                outcome.refused += 1
                continue
            }
            if !mapping.settings.rules.apply(to: &mapping.decoded[index], arrival: arrival) { outcome.skewed += 1 }
            let decoded = mapping.decoded[index]
            let reading = Reading(
                series: id, time: decoded.time ?? arrival, value: decoded.value, quality: decoded.quality)
            if stores(reading, field) { batch.append(reading) } else { outcome.suppressed += 1 }
        }
        return outcome
    }

    private func stores(_ reading: Reading, _ field: Int) -> Bool {
        guard let rule = mapping.settings.store else { return true }
        while last.count <= field { last.append(nil) }
        return rule.stores(reading, after: &last[field])
    }

    /// The series of a field; asks the catalogue the first time.
    @inline(__always)
    private func target(of field: Int, in catalogue: SeriesCatalogue, refused: (String) -> Void) -> Target {
        if field < targets.count {
            if case .unknown = targets[field] {} else { return targets[field] }
        }
        return resolve(field, in: catalogue, refused: refused)
    }

    private func resolve(_ number: Int, in catalogue: SeriesCatalogue, refused: (String) -> Void) -> Target {
        allTargets.count += max(0, number + 1 - targets.count)
        while targets.count <= number { targets.append(.unknown) }
        let field = mapping.decoder.fields[number]
        let settings = mapping.settings
        guard let name = settings.series.name(topic: topic, suffix: field.suffix) else {
            refused("the topic \(topic) lacks a level that the template of its series uses")
            targets[number] = .refused
            return .refused
        }
        let definition = SeriesDefinition(
            name: name, unit: field.unit ?? settings.unit, tags: field.tags.merging(settings.tags) { own, _ in own })
        switch catalogue.resolve(definition) {
        case .known(let id): targets[number] = .series(id)
        case .refused:
            refused("max_series = \(catalogue.limit) is reached: the new series \(name) is refused")
            targets[number] = .refused
        }
        return targets[number]
    }
}
