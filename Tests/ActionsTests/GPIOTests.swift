import Alarms
import GPIO
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Actions

/// A chip of the kernel, as far as outputs go. The sandbox of the tests has none, real or simulated.
private final class FakeChip: Sendable {
    struct State {
        var failures: [String: Int32] = [:]
        var calls: [String] = []
        /// The voltage of the line; nil: nobody holds it.
        var isHigh: Bool?
        var isActiveLow = false
        var openDescriptors: Set<Int32> = []
        var next: Int32 = 100
    }

    private let state = Mutex(State())

    var calls: [String] { state.withLock { $0.calls } }
    var isHigh: Bool? { state.withLock { $0.isHigh } }
    var openDescriptors: Int { state.withLock { $0.openDescriptors.count } }
    func fails(_ call: String, _ code: Int32?) { state.withLock { $0.failures[call] = code } }

    private func open(_ call: String, _ name: String, _ change: (inout State) -> Void = { _ in }) -> (
        Int32, code: Int32
    ) {
        state.withLock { state in
            state.calls.append(name)
            if let code = state.failures[call] { return (-1, code) }
            state.next += 1
            state.openDescriptors.insert(state.next)
            change(&state)
            return (state.next, 0)
        }
    }

    var table: GPIOCalls {
        GPIOCalls(
            open: { chip in
                let (descriptor, code) = self.open("open", "open \(chip)")
                return (descriptor, code)
            },
            request: { _, line, isOn, isActiveLow in
                self.open("request", "request \(line) \(isOn ? "on" : "off")\(isActiveLow ? " low" : "")") { state in
                    state.isHigh = isOn != isActiveLow
                    state.isActiveLow = isActiveLow
                }
            },
            set: { _, isOn in
                self.state.withLock { state in
                    state.calls.append("set \(isOn ? "on" : "off")")
                    if let code = state.failures["set"] { return (-1, code) }
                    state.isHigh = isOn != state.isActiveLow
                    return (0, 0)
                }
            },
            close: { descriptor in self.state.withLock { _ = $0.openDescriptors.remove(descriptor) } })
    }
}

@Suite struct GPIOTests {
    private let chip = FakeChip()

    private func bench(_ lines: String = "") throws -> ActionBench {
        try ActionBench(
            "[[action]]\nname = \"lamp\"\nkind = \"gpio\"\nline = 4\n\(lines)", gpio: chip.table)
    }

    @Test func itIsHeldFromTheStartAndSwitched() throws {
        let bench = try bench()
        #expect(chip.calls == ["open /dev/gpiochip0", "request 4 off"])
        // The chip itself is not kept open.
        #expect(chip.openDescriptors == 1)
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(chip.isHigh == true)
        bench.submit(event(2), .turnOff)
        #expect(eventually { bench.reports.outcome(2) == .done })
        #expect(chip.isHigh == false)
        #expect(chip.calls.suffix(2) == ["set on", "set off"])
        #expect(bench.stop())
    }

    @Test func aLowVoltageMayBeOn() throws {
        let bench = try bench("active_low = true")
        #expect(chip.isHigh == true)
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(chip.isHigh == false)
        #expect(bench.stop())
    }

    @Test(arguments: [
        (
            "open", EACCES,
            "cannot open line 4 of /dev/gpiochip0: Permission denied; the user of the service must be in the group that "
                + "owns it, often \"gpio\""
        ),
        (
            "open", ENOENT,
            "cannot open line 4 of /dev/gpiochip0: No such file or directory; `ls /dev/gpiochip*` shows which chips there "
                + "are"
        ),
        (
            "request", EBUSY,
            "cannot have line 4 of /dev/gpiochip0: Device or resource busy; another program or a driver has " + "it"
        ),
        ("request", EINVAL, "cannot have line 4 of /dev/gpiochip0: Invalid argument; the chip may have no such line"),
    ])
    func whatIsWrongIsSaidAtTheStartAndMended(call: String, code: Int32, problem: String) throws {
        chip.fails(call, code)
        let bench = try bench()
        #expect(bench.detail("action/lamp") == "degraded \(problem)")
        bench.submit(event(1), .turnOn)
        #expect(eventually { chip.calls.count { $0.hasPrefix("open") } >= 2 })
        #expect(bench.reports.rows.isEmpty)
        // Somebody mends it, and it is tried again within a second: on at once, not off in between.
        chip.fails(call, nil)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(chip.calls.last == "request 4 on")
        #expect(chip.isHigh == true)
        #expect(bench.detail("action/lamp") == "running ")
        #expect(bench.stop())
    }

    @Test func aChipThatWasUnpluggedIsHadAnew() throws {
        let bench = try bench()
        chip.fails("set", ENODEV)
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(chip.calls.suffix(3) == ["set on", "open /dev/gpiochip0", "request 4 on"])
        #expect(chip.openDescriptors == 1)
        #expect(bench.stop())
    }

    @Test func itsFailsafeIsTaken() throws {
        let bench = try bench("failsafe = \"on\"")
        #expect(bench.stop())
        #expect(bench.actions.takeFailsafe() == [:])
        #expect(chip.isHigh == true)
        chip.fails("set", EIO)
        #expect(bench.actions.takeFailsafe() == ["lamp": "cannot set line 4 of /dev/gpiochip0: Input/output error"])
        #expect(bench.scene.logged("the failsafe state was not taken"))
    }

    @Test func withoutAFailsafeItStaysAsItIs() throws {
        let bench = try bench()
        bench.submit(event(1), .turnOn)
        #expect(eventually { bench.reports.outcome(1) == .done })
        #expect(bench.stop())
        #expect(bench.actions.takeFailsafe() == [:])
        #expect(chip.isHigh == true)
    }

    /// The system's own calls, as far as they go without a chip.
    @Test func aChipThatIsNotThereIsSaid() throws {
        #expect(throws: GPIOProblem.self) {
            try GPIOLine("/dev/gpiochip-none", line: 1, isActiveLow: false, isOn: false)
        }
        #expect {
            try GPIOLine("/dev/null", line: 1, isActiveLow: false, isOn: false)
        } throws: { error in
            "\(error)".hasPrefix("cannot have line 1 of /dev/null: Inappropriate ioctl for device")
        }
    }
}
