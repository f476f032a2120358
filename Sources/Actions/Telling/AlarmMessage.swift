import Alarms
import Platform
import Readings
import Settings

/// An event in the words that brokers, web servers and programs are told.
struct AlarmMessage {
    let event: AlarmEvent
    let gateway: String

    /// As the configuration's sample describes it.
    var json: [UInt8] { Array(JSON.object(members + remarks).description.utf8) }

    private var members: [(String, JSON)] {
        [
            ("alarm", .text(event.key.rule)),
            ("series", event.key.series.isEmpty ? .null : .text(event.key.series)),
            ("state", .text(event.change.rawValue)),
            ("level", .text(event.level.name)),
            ("value", value),
            ("limit", event.limit.map { .number($0) } ?? .null),
            ("unit", event.unit.map { .text($0) } ?? .null),
            ("message", .text(event.message)),
            ("time", .integer(event.time)),
            ("arrived", .integer(event.arrived)),
            ("decided", .integer(event.decided)),
            ("sequence", .integer(event.number)),
            ("gateway", .text(gateway)),
            ("condition", .text(event.state.rawValue)),
        ]
    }

    /// Where they say something.
    private var remarks: [(String, JSON)] {
        var remarks: [(String, JSON)] = []
        if event.quality != .good { remarks.append(("quality", .text(event.quality.name))) }
        if let age = event.age { remarks.append(("age", .integer(age))) }
        if event.isLate { remarks.append(("late", true)) }
        if event.isTest { remarks.append(("test", true)) }
        if event.isFirst { remarks.append(("first", true)) }
        if !event.by.isEmpty { remarks.append(("by", .text(event.by))) }
        if !event.because.isEmpty { remarks.append(("because", .text(event.because))) }
        return remarks
    }

    private var value: JSON {
        switch event.value {
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        case .absent: .null
        }
    }

    /// What stands in the place of a field.
    func text(_ field: AlarmTemplate.Field) -> String {
        switch field {
        case .gateway: gateway
        case .alarm: event.key.rule
        case .series: event.key.series
        case .level: event.level.name
        case .state: event.change.rawValue
        case .value: valueText
        case .message: event.message
        }
    }

    var valueText: String {
        switch event.value {
        case .number(let number): Self.plain(number)
        case .text(let text): text
        case .absent: ""
        }
    }

    /// Without the ".0" that nobody says.
    static func plain(_ number: Double) -> String {
        Int64(exactly: number).map { abs($0) < 1_000_000_000_000_000 ? "\($0)" : "\(number)" } ?? "\(number)"
    }
}
