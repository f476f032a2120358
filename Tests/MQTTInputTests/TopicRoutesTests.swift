import Mosquitto
import Payloads
import Readings
import Settings
import TestSupport
import Testing

@testable import MQTTInput

@Suite struct TopicRoutesTests {
    private static let filters = ["n/+", "n/#", "+/+/t", "#", "n/a"]

    private func routes() throws -> TopicRoutes {
        let topics = Self.filters.map {
            "[[mqtt.topic]]\nfilter = \"\($0)\"\nformat = \"number\"\nseries = \"{topic}\""
        }
        let settings = try ConnectionBench.settings(port: 1, topics: topics.joined(separator: "\n"))
        return TopicRoutes(settings)
    }

    private func filters(_ routes: inout TopicRoutes, _ topic: String) -> [String] {
        Array(topic.utf8).withUnsafeBufferPointer { bytes in
            routes.routes(for: bytes).map { $0.mapping.settings.filter.description }
        }
    }

    @Test func everyMappingThatMatchesInTheOrderOfTheFile() throws {
        var routes = try routes()
        for topic in ["n/a", "n/b", "n", "x/y/t", "n/a/t", "/", "n/", "ä/ö/t", "$SYS/x/t"] {
            let expected = Self.filters.filter { matches(filter: $0, topic: topic) }
            // Asked twice: learnt, then known.
            #expect(filters(&routes, topic) == expected)
            #expect(filters(&routes, topic) == expected)
        }
    }

    @Test func aFloodOfTopicsIsForgottenAgain() throws {
        var routes = try routes()
        for number in 0..<(TopicRoutes.mostTopics * 2 + 5) {
            #expect(filters(&routes, "n/\(number)") == ["n/+", "n/#", "#"])
        }
        #expect(filters(&routes, "n/0") == ["n/+", "n/#", "#"])
    }

    @Test func aFloodOfFieldsIsForgottenAgain() throws {
        var routes = try routes()
        func route() -> Route { Array("n/a".utf8).withUnsafeBufferPointer { routes.routes(for: $0)[0] } }
        let first = route()
        routes.targets.count = TopicRoutes.mostTargets
        #expect(route() === first)
        routes.targets.count += 1
        #expect(route() !== first)
        #expect(routes.targets.count == 0)
    }
}
