import TestSupport
import Testing

@testable import Delivery

private let second: Int64 = 1_000_000_000

@Suite struct LinkQualityTests {
    private func attempt(_ link: inout LinkQuality, throughput: Double, latency: Double) {
        link.measured(bytes: Int(throughput), duration: second, latency: Int64(latency * 1e9))
        link.succeeded()
    }

    @Test func theDefaults() {
        var link = LinkQuality()
        #expect(link.interval == 30 * second)
        for _ in 0..<20 { attempt(&link, throughput: 1_000_000, latency: 0.02) }
        #expect(link.band == .excellent)
        #expect(link.interval == 10 * second)
        for _ in 0..<20 { attempt(&link, throughput: 5000, latency: 0.02) }
        #expect(link.band == .poor)
        #expect(link.interval == 300 * second)
        for _ in 0..<6 { link.failed() }
        #expect(link.band == .offline)
        #expect(link.interval == nil)
        attempt(&link, throughput: 5000, latency: 0.02)
        #expect(link.band == .poor)
    }

    /// Between two bands it does not go to and fro, wherever it begins.
    @Test(arguments: 0..<50 as Range<UInt64>) func aLinkAtALimit(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for limit in [125_000, 12_500] as [Double] {
            var link = LinkQuality()
            for _ in 0..<20 { attempt(&link, throughput: Bool.random(using: &random) ? 1e6 : 5e3, latency: 0.02) }
            for _ in 0..<20 { attempt(&link, throughput: limit * 1.05, latency: 0.02) }
            var changes = 0
            var last = link.band
            for _ in 0..<1000 {
                attempt(&link, throughput: limit * .random(in: 0.9...1.15, using: &random), latency: 0.02)
                if link.band != last { changes += 1 }
                last = link.band
            }
            #expect(changes <= 1, "seed \(seed), \(limit)")
        }
    }

    /// A link is never in a band that it is not good for.
    @Test(arguments: 0..<100 as Range<UInt64>) func neverTooGood(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bands = LinkBands()
        var link = LinkQuality(bands)
        for _ in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<7:
                let size = Double.random(in: 3...6, using: &random)
                var bytes = 1.0
                for _ in 0..<Int(size) { bytes *= 10 }
                attempt(&link, throughput: bytes, latency: .random(in: 0.001...2, using: &random))
            case 7..<9: for _ in 0..<Int.random(in: 1...8, using: &random) { link.failed() }
            default: link.networkChanged()
            }
            for (band, limits) in [(LinkBand.excellent, bands.excellent), (.good, bands.good)] where link.band == band {
                #expect(link.failures <= limits.failures, "seed \(seed)")
                #expect((link.throughput ?? .infinity) >= limits.throughput, "seed \(seed)")
                #expect((link.latency ?? 0) <= Double(limits.latency.nanoseconds), "seed \(seed)")
            }
            #expect((link.interval == nil) == (link.band == .offline))
        }
    }

    @Test func aSmallFrameSaysNothingOfTheThroughput() {
        var link = LinkQuality()
        for _ in 0..<20 { attempt(&link, throughput: 200, latency: 0.02) }
        #expect(link.throughput == nil)
        #expect(link.band == .excellent)
    }
}
