import Readings
import Testing

@testable import Alarms

@Suite struct MessageTests {
    private func filled(_ text: String) throws -> String {
        try MessageTemplate(text).filled { "<\($0.rawValue)>" }
    }

    @Test func words() throws {
        #expect(try filled("") == "")
        #expect(try filled("{series} is {value} {unit}") == "<series> is <value> <unit>")
        #expect(try filled("{alarm}{level}{limit}{quality}") == "<alarm><level><limit><quality>")
        #expect(try filled("{{value}} and }") == "{value}} and }")
        #expect(try filled("{{{value}") == "{<value>")
        #expect(try filled("ä€𝄞{unit}ä") == "ä€𝄞<unit>ä")
        #expect(try filled("{{{{") == "{{")
    }

    @Test(arguments: [
        ("{", "", 0), ("ab {", "", 3), ("{}", "", 0), ("{valu}", "valu", 0), ("ä{ value}", " value", 2),
        ("{{{", "", 2), ("{value", "value", 0), ("{va{lue}}", "va{lue", 0), ("{value}{Value}", "Value", 7),
    ]) func failures(text: String, word: String, offset: Int) {
        do throws(MessageTemplate.Failure) {
            _ = try MessageTemplate(text)
            Issue.record("nothing is wrong")
        } catch {
            #expect(error.word == word)
            #expect(error.offset == offset)
        }
    }

    /// What a reading says is text, and no template.
    @Test func valuesAreNotFilledIn() throws {
        let template = try MessageTemplate("{series}: {value}")
        let bench = AlarmBench([
            rule("state", "*", .equality(Equality([.text("OK")], isNegated: true))) { $0.message = template }
        ])
        bench.read("{value}", .text("{alarm}\n{{"))
        #expect(bench.events.map(\.message) == ["{value}: {alarm}\n{{"])
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1.5, "1.5"), (1e300, "1e+300"), (.infinity, "inf"), (3000, "3000"), (1e16, "1e+16"),
    ]) func numbers(number: Double, text: String) {
        #expect(MessageTemplate.text(number) == text)
    }
}
