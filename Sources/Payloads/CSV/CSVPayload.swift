import Readings

/// Lines of fields: `21.5,48,1`. A field is a number, or one of the usual words for 1 and 0, or a text where those are
/// wanted; an empty one gives nothing. A line with more or fewer fields than columns is refused: nobody knows which one
/// is missing.
struct CSVPayload {
    private struct LineProblem: Error {
        let reason: PayloadProblem.Reason
        let message: String
    }

    private let mapping: CSVMapping
    private let names: [String]

    init(_ mapping: CSVMapping) {
        self.mapping = mapping
        names = mapping.names
    }

    func decode(_ payload: UnsafeRawBufferPointer, into readings: inout [DecodedReading]) -> PayloadProblem? {
        var problem: PayloadProblem?
        let first = readings.count
        var start = 0
        var number = 0
        while start < payload.count {
            let end = payload[start...].firstIndex(of: UInt8(ascii: "\n")) ?? payload.count
            let line = NumberText.trimmed(UnsafeRawBufferPointer(rebasing: payload[start..<end]))
            number += 1
            start = end + 1
            if line.isEmpty { continue }
            guard readings.count + names.count <= PayloadDecoder.mostReadings else {
                return problem ?? PayloadDecoder.tooManyReadings
            }
            let before = readings.count
            do {
                try take(line, into: &readings)
            } catch {
                if error.reason == .notCSV { readings.removeSubrange(before...) }
                problem = problem ?? PayloadProblem(error.reason, "line \(number): \(error.message)")
            }
        }
        if readings.count == first { problem = problem ?? PayloadProblem(.empty, "no value in any line") }
        return problem
    }

    /// Throws the first problem after all fields are looked at.
    private func take(
        _ line: UnsafeRawBufferPointer, into readings: inout [DecodedReading]
    ) throws(LineProblem) {
        var fields = Fields(line: line, separator: mapping.separator.byte)
        var problem: LineProblem?
        var time: Timestamp?
        var value = 0
        let first = readings.count
        for column in mapping.columns {
            guard let field = try fields.next() else { throw wrongCount(fields.count) }
            switch column {
            case .skipped: break
            case .time:
                time = mapping.timeFormat.timestamp(field)
                if time == nil { problem = problem ?? badTime }
            case .value(let name):
                do {
                    if let reading = try self.value(field, name) {
                        readings.append(DecodedReading(field: value, value: reading, quality: reading.saidQuality))
                    }
                } catch {
                    problem = problem ?? error
                }
                value += 1
            }
        }
        while try fields.next() != nil {}
        guard fields.count == mapping.columns.count else { throw wrongCount(fields.count) }
        stamp(&readings, from: first, time)
        if let problem { throw problem }
    }

    private func stamp(_ readings: inout [DecodedReading], from first: Int, _ time: Timestamp?) {
        guard mapping.columns.contains(.time) else { return }
        for index in first..<readings.count {
            readings[index].time = time
            if time == nil, readings[index].quality == .good { readings[index].quality = .uncertain }
        }
    }

    private func value(_ field: UnsafeRawBufferPointer, _ name: String) throws(LineProblem) -> Value? {
        let text = NumberText.trimmed(field)
        switch NumberText.read(text) {
        case .number(let number): return .number(number)
        case .empty: return nil
        case .notFinite: throw LineProblem(reason: .notFinite, message: "\(name): not a finite number")
        case .notANumber: break
        }
        if let value = NumberWords.usual.value(of: text) { return value }
        guard mapping.texts else { throw LineProblem(reason: .notANumber, message: "\(name): not a number") }
        guard text.count <= TextPayload.longest else {
            throw LineProblem(
                reason: .wrongType, message: "\(name): a text of more than \(TextPayload.longest) bytes")
        }
        guard let state = String(validating: text, as: UTF8.self) else {
            throw LineProblem(reason: .notUTF8, message: "\(name): bytes that are not UTF-8")
        }
        return .text(state)
    }

    private var badTime: LineProblem {
        LineProblem(
            reason: .badTime,
            message: "not a time in the format \"\(mapping.timeFormat.rawValue)\" between the years 1970 and 9999")
    }

    private func wrongCount(_ count: Int) -> LineProblem {
        LineProblem(reason: .notCSV, message: "\(count) fields, where columns names \(mapping.columns.count)")
    }

    /// The fields of a line one after the other. In one with quotes around it separators mean nothing, and a doubled
    /// quote stays doubled.
    private struct Fields {
        private static let quote = UInt8(ascii: "\"")

        let line: UnsafeRawBufferPointer
        let separator: UInt8
        private var position = 0
        /// Nil at the end: after the last separator comes one more field, be it empty.
        private var isAtEnd = false
        private(set) var count = 0

        init(line: UnsafeRawBufferPointer, separator: UInt8) {
            self.line = line
            self.separator = separator
        }

        mutating func next() throws(LineProblem) -> UnsafeRawBufferPointer? {
            guard !isAtEnd else { return nil }
            count += 1
            let isQuoted = position < line.count && line[position] == Self.quote
            let field = isQuoted ? try quoted() : plain()
            isAtEnd = position >= line.count
            position += 1
            return UnsafeRawBufferPointer(rebasing: line[field])
        }

        private mutating func plain() -> Range<Int> {
            let start = position
            position = line[start...].firstIndex(of: separator) ?? line.count
            return start..<position
        }

        private mutating func quoted() throws(LineProblem) -> Range<Int> {
            let start = position + 1
            var end = start
            while end < line.count, line[end] != Self.quote || (end + 1 < line.count && line[end + 1] == Self.quote) {
                end += line[end] == Self.quote ? 2 : 1
            }
            guard end < line.count, end + 1 == line.count || line[end + 1] == separator else {
                throw LineProblem(reason: .notCSV, message: "field \(count): a quote that does not end it")
            }
            position = end + 1
            return start..<end
        }
    }
}
