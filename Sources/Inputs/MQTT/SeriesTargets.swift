import Payloads
import Readings
import Settings

/// Where the fields of a decoder go, and what was last stored of each.
final class SeriesTargets {
    private enum Target {
        case unknown
        case series(SeriesID)
        /// The catalogue is full, or the topic cannot be named by the template.
        case refused
    }

    private let settings: TopicSettings
    private let topic: String
    private let allTargets: TargetCount
    private var targets: [Target] = []
    /// By field, where the mapping has a rule for it.
    private var last: [StoreRule.Last?] = []

    init(_ settings: TopicSettings, topic: String, count: TargetCount) {
        self.settings = settings
        self.topic = topic
        allTargets = count
    }

    /// The series of a field; asks the catalogue the first time. Nil where it is refused.
    @inline(__always)
    func series(
        of field: Int, _ fields: () -> [PayloadField], in catalogue: SeriesCatalogue, refused: (String) -> Void
    ) -> SeriesID? {
        if field < targets.count {
            switch targets[field] {
            case .series(let id): return id
            case .refused: return nil
            case .unknown: break
            }
        }
        return resolve(field, fields()[field], in: catalogue, refused: refused)
    }

    private func resolve(
        _ number: Int, _ field: PayloadField, in catalogue: SeriesCatalogue, refused: (String) -> Void
    ) -> SeriesID? {
        allTargets.count += max(0, number + 1 - targets.count)
        while targets.count <= number { targets.append(.unknown) }
        targets[number] = .refused
        guard let name = settings.series.name(topic: topic, suffix: field.suffix) else {
            refused("the topic \(topic) lacks a level that the template of its series uses")
            return nil
        }
        let definition = SeriesDefinition(
            name: name, unit: field.unit ?? settings.unit, tags: field.tags.merging(settings.tags) { own, _ in own })
        switch catalogue.resolve(definition) {
        case .known(let id):
            targets[number] = .series(id)
            return id
        case .refused:
            refused("max_series = \(catalogue.limit) is reached: the new series \(name) is refused")
            return nil
        }
    }

    /// Whether the rule of the mapping stores this reading; `isNews` where it is stored in any case.
    func stores(_ reading: Reading, of field: Int, isNews: Bool) -> Bool {
        guard let rule = settings.store else { return true }
        while last.count <= field { last.append(nil) }
        if isNews { last[field] = nil }
        return rule.stores(reading, after: &last[field])
    }
}

/// How many targets the routes of a connection hold.
final class TargetCount {
    var count = 0
}
