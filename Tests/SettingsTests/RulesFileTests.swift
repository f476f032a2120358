import Alarms
import Readings
import Testing

@testable import Settings

/// A file of alarms that are to be tried, read without the rest of the configuration.
@Suite struct RulesFileTests {
    private func load(_ text: String) -> LoadedRules {
        Settings.loadRules("rules.toml", files: ConfigurationText(text)) { $0 == "LIMIT" ? "80" : nil }
    }

    @Test func onlyTheAlarmsAreRead() {
        let loaded = load(
            """
            nonsense = 1
            [gateway]
            id = 7
            [[alarm]]
            name = "hot"
            series = "oven-${LIMIT}"
            above = 80
            actions = ["somewhere-else"]
            """)
        #expect(loaded.problems == [])
        #expect(loaded.rules?.map(\.name) == ["hot"])
        #expect(loaded.rules?.first?.series?.description == "oven-80")
        #expect(load("").rules == [])
    }

    @Test func allThatIsWrongWithThemIsSaid() {
        let loaded = load(
            """
            [[alarm]]
            name = "hot"
            series = "oven"
            abov = 80
            [[alarm]]
            name = "any"
            any = ["cold"]
            """)
        #expect(loaded.rules == nil)
        #expect(loaded.problems.map(\.line) == [1, 4, 7])
        let broken = load("[[alarm]\n")
        #expect(broken.rules == nil && broken.problems.first?.line == 1)
        let missing = Settings.loadRules("nowhere.toml", files: FakeFiles([:])) { _ in nil }
        #expect(missing.rules == nil && missing.problems.count == 1)
    }
}
