import History
import Readings
import SQLite

/// The store as the tables of one connection see it: it stands on one moment for as long as anyone uses it, so that a
/// statement that goes through several tables, or through one several times, sees the same in all of them.
final class StoreMoment {
    let reader: StoreReader
    let names = SeriesNames()
    /// By their raw values.
    let qualities: [KeptText]
    private let kept = KeptTexts()
    private var users = 0

    init(directory: String) throws {
        reader = try StoreReader(directory: directory)
        qualities = Quality.allCases.map { [kept] in kept.keep($0.name) }
        names.update(from: reader)
        reader.rest()
    }

    /// The first to come brings the present moment along.
    func enter() throws {
        if users == 0 {
            try reader.refresh()
            names.update(from: reader)
        }
        users += 1
    }

    func leave() {
        users -= 1
        if users == 0 { reader.rest() }
    }
}
