import Exchange
import Testing

@Suite struct GuessTests {
    @Test(
        arguments: [
            ("series,time,value,text,quality\na,1,2,,\n", .csv),
            ("\u{FEFF}\"time\",\"series\"\r\n", .csv),
            ("\r\n\nplant/press 3,1708813238500000,21.5,,", .csv),
            ("a,2024-02-24T22:20:38Z,21.5,,", .csv),
            ("a b=c,17", .csv),
            ("", .line),
            ("# series,time", .line),
            ("weather,site=a temp=21.5 1708813238500000000\n", .line),
            ("time,site=a temp=21.5", .line),
            ("weather text=\"x,time,y\" 17", .line),
            ("weather value=1 5\nseries,time", .line),
        ] as [(String, ExchangeFormat)])
    func guesses(head: String, format: ExchangeFormat) {
        #expect(ExchangeFormat.guess(fromHead: Array(head.utf8)) == format)
    }
}
