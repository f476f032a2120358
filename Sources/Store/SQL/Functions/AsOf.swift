import History
import Readings
import SQLite

/// `asof(series, time)`: what a series read last up to a moment, a number or a text; NULL where that was a failed read,
/// or nothing.
struct AsOf: ScalarFunction {
    let name = "asof"
    let argumentCount = 2
    let moment: StoreMoment

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard let time = try arguments[1].moment("time"), arguments[0].kind != .null else { return }
        try moment.enter()
        defer { moment.leave() }
        guard let place = arguments[0].withText({ moment.names.places(named: $0) }).first else { return }
        switch try moment.reader.reading(of: moment.names.all[place].id, asOf: time)?.value {
        case .number(let number): result.real(number)
        case .text(let text): result.text(text)
        case .absent, nil: result.null()
        }
    }
}
