import Mosquitto
import Testing

@testable import MQTTInput

@Suite struct InFlightWindowTests {
    /// A commit that found so many waiting.
    private func commit(_ window: inout InFlightWindow, waiting: Int) {
        for count in 1...waiting { window.note(waiting: count) }
        window.noteRelease()
        window.note(waiting: 0)
    }

    @Test func halfOfTheAgreedWindowIsUrgent() {
        let window = InFlightWindow(.v5)
        #expect(!window.isUsedUp(waiting: 4999, silence: .seconds(9)))
        #expect(window.isUsedUp(waiting: 5000, silence: .zero))
        #expect(!InFlightWindow(.v311).isUsedUp(waiting: 9, silence: .zero))
        #expect(InFlightWindow(.v311).isUsedUp(waiting: 10, silence: .zero))
    }

    @Test func theSameNumberTwiceIsTakenForTheBrokersLimit() {
        var window = InFlightWindow(.v5)
        commit(&window, waiting: 32)
        #expect(window.inferred == nil)
        commit(&window, waiting: 32)
        #expect(window.inferred == 32)
        #expect(!window.isUsedUp(waiting: 31, silence: .seconds(1)))
        #expect(!window.isUsedUp(waiting: 32, silence: .milliseconds(9)))
        #expect(window.isUsedUp(waiting: 32, silence: .milliseconds(10)))
    }

    @Test func oneMessageMoreDisprovesIt() {
        var window = InFlightWindow(.v5)
        commit(&window, waiting: 32)
        commit(&window, waiting: 32)
        window.note(waiting: 33)
        #expect(window.inferred == nil)
        #expect(!window.isUsedUp(waiting: 33, silence: .seconds(1)))
    }

    @Test func aSlowDeviceIsNoLimit() {
        var window = InFlightWindow(.v5)
        for _ in 0..<10 { commit(&window, waiting: 1) }
        #expect(window.inferred == nil)
        #expect(!window.isUsedUp(waiting: 1, silence: .seconds(1)))
    }
}
