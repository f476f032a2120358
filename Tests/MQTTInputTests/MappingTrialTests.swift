import MQTTInput
import Readings
import Testing

@Suite struct MappingTrialTests {
    private static let topics = """
        [[mqtt.topic]]
        filter = "n/+"
        format = "number"
        series = "{topic}"
        unit = "bar"
        [[mqtt.topic]]
        filter = "n/#"
        format = "json"
        series = "all/{1}"
        fields = "*"
        tags = { hall = "3", site = "x" }
        [[mqtt.topic]]
        filter = "l/#"
        format = "line"
        series = "{field}"
        tags = { hall = "3", site = "x" }
        """

    private struct Shown: Equatable {
        var filter: String?
        var readings: [String]
        var problem: String?
    }

    private func shown(_ topic: String, _ payload: String) throws -> (messages: [Shown], catalogue: SeriesCatalogue) {
        let catalogue = SeriesCatalogue(limit: 3)
        let settings = try ConnectionBench.settings(port: 1, topics: Self.topics)
        let trial = MappingTrial(settings, catalogue: catalogue)
        var messages: [Shown] = []
        trial.take(topic: topic, payload: Array(payload.utf8), arrival: Timestamp(microseconds: 7)) { message in
            let readings = message.readings.map { reading in
                #expect(reading.time.microseconds == 7)
                let definition = catalogue.definition(of: reading.series)
                return "\(definition?.name.description ?? "") \(reading.value) \(definition?.unit ?? "")"
            }
            messages.append(Shown(filter: message.filter, readings: readings, problem: message.problem))
        }
        return (messages, catalogue)
    }

    @Test func everyMappingThatTakesTheTopic() throws {
        #expect(
            try shown("n/a", "5").messages == [
                Shown(filter: "n/+", readings: ["n/a number(5.0) bar"]),
                Shown(filter: "n/#", readings: ["all/a number(5.0) "]),
            ])
        #expect(
            try shown("n/a", #"{"t":1,"u":{"v":2}}"#).messages == [
                Shown(filter: "n/+", readings: [], problem: "neither a decimal number nor one of true, on, false, off"),
                Shown(filter: "n/#", readings: ["all/a/t number(1.0) ", "all/a/u/v number(2.0) "]),
            ])
        #expect(try shown("x", "5").messages == [])
    }

    @Test func aPayloadsOwnTagsGoBeforeThoseOfTheMapping() throws {
        let (messages, catalogue) = try shown("l/1", "w,site=a t=1")
        #expect(messages == [Shown(filter: "l/#", readings: ["w/a/t number(1.0) "])])
        #expect(catalogue.definition(of: SeriesID(0))?.tags == ["hall": "3", "site": "a"])
    }

    @Test func aSeriesTooManyIsSaid() throws {
        let messages = try shown("n/a", #"{"a":1,"b":2,"c":3,"d":4}"#).messages
        #expect(messages[1].readings.count == 3)
        #expect(messages[1].problem == "max_series = 3 is reached: the new series all/a/d is refused")
    }
}
