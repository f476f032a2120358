import Alarms
import Platform
import Readings
import Testing

@testable import Actions

@Suite struct AlarmMessageTests {
    private func json(_ change: (inout AlarmEvent) -> Void) -> String {
        var event = event()
        change(&event)
        return String(decoding: AlarmMessage(event: event, gateway: "gw").json, as: UTF8.self)
    }

    @Test func allRemarksStandWhereTheySaySomething() {
        let all = json { event in
            event.key.series = ""
            event.value = .absent
            event.limit = nil
            event.unit = nil
            event.quality = .stale
            event.age = 5
            event.isLate = true
            event.isTest = true
            event.isFirst = true
            event.by = "ann"
            event.because = "known"
        }
        #expect(
            all == """
                {"alarm":"pressure","series":null,"state":"raised","level":"critical","value":null,"limit":null,\
                "unit":null,"message":"too high","time":1000001,"arrived":1000002,"decided":1000003,"sequence":1,\
                "gateway":"gw","condition":"unacknowledged","quality":"stale","age":5,"late":true,"test":true,\
                "first":true,"by":"ann","because":"known"}
                """)
    }

    @Test func valuesAreNumbersOrTexts() {
        #expect(json { $0.value = .text("a\"\u{1}") }.contains("\"value\":\"a\\\"\\u0001\","))
        #expect(json { $0.value = .number(.nan) }.contains("\"value\":null,"))
        #expect(json { $0.value = .number(-0.5) }.contains("\"value\":-0.5,"))
    }

    @Test(arguments: [
        (3500, "3500"), (3500.5, "3500.5"), (-0.25, "-0.25"), (1e300, "1e+300"), (.infinity, "inf"),
    ]) func numbersAreAsPeopleWriteThem(number: Double, text: String) {
        #expect(AlarmMessage.plain(number) == text)
    }
}
