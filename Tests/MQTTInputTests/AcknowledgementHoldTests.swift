import TestSupport
import Testing

@testable import MQTTInput

@Suite struct AcknowledgementHoldTests {
    @Test func nothingLeavesBeforeItsCommit() {
        var hold = AcknowledgementHold()
        hold.hold([1, 2], messages: 1, until: 5)
        hold.hold([3], messages: 1, until: 5)
        hold.hold([4], messages: 2, until: 6)
        #expect(hold.release(committed: 4).isEmpty)
        #expect(hold.heldMessages == 4)
        #expect(Array(hold.release(committed: 5)) == [1, 2, 3])
        #expect(hold.heldMessages == 2)
        hold.sent(2)
        #expect(Array(hold.release(committed: 5)) == [3])
        #expect(hold.wantsToSend)
        #expect(Array(hold.release(committed: 6)) == [3, 4])
        hold.sent(2)
        #expect(!hold.wantsToSend)
    }

    @Test func aPingOvertakesWhatIsHeld() {
        var hold = AcknowledgementHold()
        hold.hold([1], messages: 1, until: 1)
        hold.sendNow([0xC0, 0])
        #expect(Array(hold.release(committed: 0)) == [0xC0, 0])
    }

    /// Against a plain list of (byte, ticket): in order, none early, none lost.
    @Test func anySequence() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var hold = AcknowledgementHold()
            var held: [(byte: UInt8, ticket: UInt64)] = []
            var ticket: UInt64 = 0
            var committed: UInt64 = 0
            var out: [UInt8] = []
            var next: UInt8 = 0
            for _ in 0..<40 {
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    ticket += UInt64.random(in: 0...2, using: &generator)
                    let bytes = (0..<Int.random(in: 0...3, using: &generator)).map { next &+ UInt8($0) }
                    next = next &+ UInt8(bytes.count)
                    hold.hold(bytes, messages: bytes.count, until: ticket)
                    held += bytes.map { ($0, ticket) }
                case 1: committed = UInt64.random(in: committed...max(committed, ticket), using: &generator)
                default:
                    let released = Array(hold.release(committed: committed))
                    let taken = Int.random(in: 0...released.count, using: &generator)
                    out += released.prefix(taken)
                    hold.sent(taken)
                }
                let allowed = held.filter { $0.ticket <= committed }.map(\.byte)
                #expect(allowed.starts(with: out), "seed \(seed)")
            }
            out += hold.release(committed: ticket)
            #expect(out == held.map(\.byte), "seed \(seed)")
            #expect(hold.heldMessages == 0, "seed \(seed)")
        }
    }

    /// An encrypted connection is a stream of records that are numbered.
    @Test func whereOrderIsKeptNothingOvertakes() {
        var hold = AcknowledgementHold(keepsOrder: true)
        hold.sendNow([1])
        #expect(hold.release(committed: 0) == [1])
        hold.sent(1)
        hold.hold([2], messages: 1, until: 5)
        hold.sendNow([3])
        hold.hold([4], messages: 1, until: 6)
        hold.sendNow([5])
        #expect(hold.release(committed: 4).isEmpty)
        #expect(hold.release(committed: 5) == [2, 3])
        #expect(hold.release(committed: 6) == [2, 3, 4, 5])
    }
}
