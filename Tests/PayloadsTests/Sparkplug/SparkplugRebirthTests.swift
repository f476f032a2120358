import Payloads
import Readings
import Testing

@Suite struct SparkplugRebirthTests {
    private let decoder = SparkplugDecoder.usual()

    private func ask(_ seconds: Double) -> [String] {
        decoder.takeRebirthRequests(now: .seconds(seconds)).map(\.topic)
    }

    private func unborn(_ node: String = "press") {
        #expect(decoder.decode("NDATA/\(node)", SparkplugMessage(5)).problem == .unborn)
    }

    private func bear(session: UInt64) {
        #expect(decoder.decode("NBIRTH/press", SparkplugMessage(0, [.session(session)])).problem == nil)
    }

    private let topic = "spBv1.0/plant/NCMD/press"

    @Test func theRequestIsACommandOfSparkplug() {
        #expect(ask(0) == [])
        unborn()
        let requests = decoder.takeRebirthRequests(now: .zero)
        var metric = SparkplugMetric("Node Control/Rebirth", .boolean, .boolean(true))
        metric.time = 1_718_000_000_000
        #expect(requests.map(\.topic) == [topic])
        #expect(requests.first?.payload == SparkplugMessage(nil, time: 1_718_000_000_000, [metric]).bytes)
        #expect(ask(0) == [])
    }

    @Test func everyNodeIsAskedOnce() {
        for _ in 0..<3 {
            unborn("a")
            unborn("b")
            #expect(decoder.decode("DDATA/a/x", SparkplugMessage(5)).problem == .unborn)
        }
        #expect(ask(0) == ["spBv1.0/plant/NCMD/a", "spBv1.0/plant/NCMD/b"])
    }

    @Test func thePauseGrows() {
        var times: [Double] = []
        for tenth in 0..<20_000 {
            unborn()
            if !ask(Double(tenth) / 10).isEmpty { times.append(Double(tenth) / 10) }
        }
        #expect(times == [0, 5, 15, 35, 75, 155, 315, 615, 915, 1215, 1515, 1815])
    }

    @Test func aBirthMakesARequestNeedless() {
        unborn()
        bear(session: 1)
        #expect(ask(0) == [])
    }

    @Test func anEdgeNodeThatIsSilentIsNotAskedAgain() {
        unborn()
        #expect(ask(0) == [topic])
        for second in 1..<100 { #expect(ask(Double(second)) == []) }
    }

    /// An edge node that counts wrong would do nothing but be born.
    @Test func aBirthThatDoesNotHelpDoesNotEndThePause() {
        var times: [Double] = []
        for second in 0..<400 {
            #expect(decoder.decode("NDATA/press", SparkplugMessage(0)).problem != nil)
            if !ask(Double(second)).isEmpty {
                times.append(Double(second))
                bear(session: 1)
            }
        }
        #expect(times == [0, 5, 15, 35, 75, 155, 315])
    }

    @Test func aNewSessionEndsThePause() {
        for second in 0..<100 {
            unborn()
            _ = ask(Double(second))
        }
        bear(session: 1)  // the last request was at 75
        #expect(decoder.decode("NDATA/press", SparkplugMessage(9)).problem == .sequenceGap)
        #expect(ask(100) == [topic])
    }

    @Test func aRequestThatWasEnoughForLongEndsThePause() {
        for second in 0..<36 {
            unborn()
            _ = ask(Double(second))
        }
        unborn()  // asked at 0, 5, 15 and 35
        #expect(ask(200) == [topic])
        unborn()
        #expect(ask(204) == [])
        #expect(ask(205) == [topic])
    }
}
