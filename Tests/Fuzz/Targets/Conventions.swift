import Payloads
import Readings

private let arrival = Timestamp(microseconds: 1_718_000_000_000_000)

private func problem(in readings: [DecodedReading], _ fields: [PayloadField]) -> String? {
    for reading in readings {
        guard fields.indices.contains(reading.field) else { return "a field that there is not" }
        if case .number(let number) = reading.value, !number.isFinite { return "the number \(number)" }
    }
    return nil
}

/// Edge nodes that say anything: each message is a byte for its kind, two for its length, and its payload. A birth is
/// understood after all of them as if there had been none.
struct SparkplugFuzz: FuzzTarget {
    private static let topics = ["NBIRTH/e", "NDATA/e", "NDEATH/e", "DBIRTH/e/d", "DDATA/e/d", "DDEATH/e/d"]
        .compactMap { SparkplugTopic("spBv1.0/g/" + $0) }
    /// A birth of one metric, "a" with the alias 1 and the double 1, and data of it.
    private static let birth: [UInt8] = [18, 16, 10, 1, 0x61, 16, 1, 32, 10, 105, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 24, 0]
    private static let data: [UInt8] = [18, 11, 16, 1, 105, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 24, 1]

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let decoder = SparkplugDecoder(maxPayload: 8192)
        var readings: [DecodedReading] = []
        var rest = input[...]
        while rest.count > 3 {
            let kind = Int(rest[rest.startIndex]) % Self.topics.count
            let length = Int(rest[rest.startIndex + 1]) << 8 | Int(rest[rest.startIndex + 2])
            let payload = rest.dropFirst(3).prefix(length)
            let problem = decoder.decode(
                UnsafeRawBufferPointer(rebasing: payload), topic: Self.topics[kind], arrival: arrival, into: &readings)
            if problem?.detail.isEmpty == true { return "a problem that says nothing" }
            rest = rest.dropFirst(3 + payload.count)
        }
        if let complaint = problem(in: readings, decoder.fields) { return complaint }
        let before = readings.count
        for (topic, payload) in [(Self.topics[0], Self.birth), (Self.topics[1], Self.data)] {
            let problem = payload.withUnsafeBytes {
                decoder.decode($0, topic: topic, arrival: arrival, into: &readings)
            }
            // So many fields and metrics fit into no input.
            if let problem { return "a sound message is refused after it: \(problem.detail)" }
        }
        let values = readings[before...].map(\.value)
        return values == [.number(1), .number(1)] ? nil : "a sound message gives \(values) after it"
    }
}

/// Messages of devices: each is a line with the topic behind the base, and one with the payload.
struct HomieFuzz: FuzzTarget {
    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let decoder = HomieDecoder(maxPayload: 8192)
        var readings: [DecodedReading] = []
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for index in stride(from: 0, to: lines.count - 1, by: 2) {
            let topic = String(decoding: lines[index], as: UTF8.self)
            let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
            guard let subject = decoder.subject(of: levels) else { continue }
            let problem = decoder.decode(
                UnsafeRawBufferPointer(rebasing: lines[index + 1]), subject, isRetained: index % 4 == 0, into: &readings
            )
            if problem?.detail.isEmpty == true { return "a problem that says nothing" }
        }
        return problem(in: readings, decoder.fields)
    }
}

/// What devices announce to Home Assistant: whatever it is, what is asked for are topics.
struct AnnouncementFuzz: FuzzTarget {
    private static let subjects = [["sensor", "node", "object", "config"], ["device", "node", "config"]]
        .compactMap { DiscoveryPayload.Subject($0.map { Substring($0) }) }

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let payload = DiscoveryPayload(maxPayload: 8192)
        guard input.count <= 8192 else { return nil }
        for subject in Self.subjects {
            let (entities, problem) = payload.decode(input, subject)
            if problem?.detail.isEmpty == true { return "a problem that says nothing" }
            for topic in entities.flatMap({ [$0.stateTopic] + $0.availabilityTopics }) {
                guard let filter = try? TopicFilter(parsing: topic), filter.levelCount != nil, !topic.contains("+")
                else {
                    return "the topic \(topic)"
                }
            }
        }
        return nil
    }
}
