import TestSupport
import Testing

@testable import MQTTInput

@Suite struct RedeliveriesTests {
    /// Against a broker in a few lines: it repeats what it has not heard of, in order, under the same identifiers.
    @Test func aRepetitionIsKnownAndNothingElseIs() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var redeliveries = Redeliveries()
            var owed: [Redeliveries.Message] = []
            var nextID: UInt16 = 65_500
            var clock: Int64 = 0
            for _ in 0..<20 {
                for _ in 0..<Int.random(in: 0..<50, using: &generator) {
                    clock += 1
                    nextID = nextID == .max ? 1 : nextID + 1
                    let hash = UInt64.random(in: 0..<3, using: &generator)
                    #expect(redeliveries.firstArrival(id: nextID, hash: hash) == nil, "seed \(seed)")
                    let message = Redeliveries.Message(id: nextID, hash: hash, arrival: clock)
                    redeliveries.note(message)
                    owed.append(message)
                }
                let acknowledged = Int.random(in: 0...owed.count, using: &generator)
                redeliveries.noteAcknowledged(acknowledged)
                // Of what we have acknowledged the broker has heard a part.
                owed.removeFirst(Int.random(in: 0...acknowledged, using: &generator))
                guard Bool.random(using: &generator) else { continue }
                redeliveries.connectionEnded()
                redeliveries.connected(sessionPresent: true)
                for message in owed {
                    let arrival = redeliveries.firstArrival(id: message.id, hash: message.hash)
                    #expect(arrival == message.arrival, "seed \(seed)")
                    redeliveries.note(message)
                }
            }
        }
    }

    @Test func itForgets() {
        var redeliveries = Redeliveries()
        redeliveries.note(.init(id: 1, hash: 7, arrival: 5))
        redeliveries.connectionEnded()
        redeliveries.connected(sessionPresent: true)
        #expect(redeliveries.firstArrival(id: 1, hash: 8) == nil)
        // One message was owed, one has come: another under its number is another.
        #expect(redeliveries.firstArrival(id: 1, hash: 7) == nil)
    }
}
