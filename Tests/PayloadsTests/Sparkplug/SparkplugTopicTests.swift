import Payloads
import Testing

@Suite struct SparkplugTopicTests {
    @Test(arguments: SparkplugTopic.Kind.allCases)
    func everyKindHasItsLevels(kind: SparkplugTopic.Kind) {
        let ofNode = SparkplugTopic("spBv1.0/plant/\(kind.rawValue)/press")
        let ofDevice = SparkplugTopic("spBv1.0/plant/\(kind.rawValue)/press/motor 1")
        #expect((ofNode == nil) == (kind.rawValue.first == "D"))
        #expect((ofDevice == nil) == (kind.rawValue.first == "N"))
        guard let topic = ofNode ?? ofDevice else { return }
        #expect((topic.group, topic.kind, topic.node) == ("plant", kind, "press"))
        #expect(topic.device == (ofNode == nil ? "motor 1" : nil))
        #expect(topic.kind.isCommand == (kind == .nodeCommand || kind == .deviceCommand))
    }

    @Test(
        arguments: [
            "", "spBv1.0", "spBv1.0/STATE/host", "spBv1.0/plant/STATE/host", "STATE/host", "spBv1.0/plant/NBIRTH",
            "spBv1.0/plant/NBIRTH/", "spBv1.0//NBIRTH/press", "spBv1.0/plant/NBIRTH/press/",
            "spBv1.0/plant/DBIRTH/press",
            "spBv1.0/plant/DBIRTH/press/", "spBv1.0/plant/DBIRTH//motor", "spBv1.0/plant/DBIRTH/press/motor/1",
            "spBv1.0/plant/nbirth/press", "spBv1.0/plant/NBIRTHS/press", "spAv1.0/plant/NBIRTH/press",
            "/spBv1.0/plant/NBIRTH/press", "spBv1.0/+/NBIRTH/press",
            "spBv1.0/plant/NBIRTH/#", "spBv1.0/plant/DBIRTH/press/a+",
        ])
    func otherTopicsAreNone(topic: String) { #expect(SparkplugTopic(topic) == nil) }

    @Test func namesMayBeOfAnyLetters() {
        let topic = SparkplugTopic("spBv1.0/Werk S\u{FC}d/DDATA/\u{1F3ED}/Pumpe 1")
        #expect(topic?.group == "Werk S\u{FC}d")
        #expect(topic?.node == "\u{1F3ED}")
        #expect(topic?.device == "Pumpe 1")
    }
}
