import Foundation
import Testing

/// That the benchmark works and loses nothing; how fast it is depends on the machine.
@Suite(.serialized) struct BenchmarkTests {
    @Test func theWholeWayIsMeasured() throws {
        let result = outpost("bench", "mqtt", "--seconds", "1", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let loads = try #require(report["loads"] as? [[String: Any]])
        #expect(loads.count == 4)
        for load in loads {
            let gateway = try #require(load["gateway"] as? [String: Any])
            #expect(try #require(gateway["messages_per_second"] as? Double) > 0)
            if load["qos"] as? Int == 1 { #expect(gateway["stored_share"] as? Double == 1) }
        }
    }
}
