import CLinux
import Glibc

/// The system's calls for GPIO; tests put their own in their place. Each returns -1 and an `errno`, as the system does.
public struct GPIOCalls: Sendable {
    /// A descriptor of the chip.
    public var open: @Sendable (_ chip: String) -> (descriptor: Int32, code: Int32)
    /// A descriptor of the line, which is an output as long as that is open.
    public var request:
        @Sendable (_ chip: Int32, _ line: Int, _ isOn: Bool, _ isActiveLow: Bool) -> (Int32, code: Int32)
    public var set: @Sendable (_ line: Int32, _ isOn: Bool) -> (Int32, code: Int32)
    public var close: @Sendable (_ descriptor: Int32) -> Void

    public init(
        open: @escaping @Sendable (_ chip: String) -> (descriptor: Int32, code: Int32),
        request:
            @escaping @Sendable (_ chip: Int32, _ line: Int, _ isOn: Bool, _ isActiveLow: Bool) -> (
                Int32, code: Int32
            ),
        set: @escaping @Sendable (_ line: Int32, _ isOn: Bool) -> (Int32, code: Int32),
        close: @escaping @Sendable (_ descriptor: Int32) -> Void
    ) {
        self.open = open
        self.request = request
        self.set = set
        self.close = close
    }

    public static let system = GPIOCalls(
        open: { chip in
            let descriptor = Glibc.open(chip, O_RDWR | O_CLOEXEC)
            return (descriptor, errno)
        },
        request: { chip, line, isOn, isActiveLow in
            let result = outpost_gpio_request_output(chip, UInt32(line), isOn ? 1 : 0, isActiveLow ? 1 : 0, "outpost")
            return (result, errno)
        },
        set: { line, isOn in
            let result = outpost_gpio_set(line, isOn ? 1 : 0)
            return (result, errno)
        },
        close: { descriptor in _ = Glibc.close(descriptor) })
}

/// Why a line cannot be had or set, with what to do about it.
public struct GPIOProblem: Error, CustomStringConvertible, Sendable, Hashable {
    public let description: String

    init(_ operation: String, _ chip: String, line: Int, code: Int32) {
        let place = "line \(line) of \(chip)"
        let hint =
            switch code {
            case EACCES, EPERM: "; the user of the service must be in the group that owns it, often \"gpio\""
            case EBUSY: "; another program or a driver has it"
            case ENOENT, ENODEV, ENXIO: "; `ls /dev/gpiochip*` shows which chips there are"
            case EINVAL: "; the chip may have no such line"
            default: ""
            }
        description = "cannot \(operation) \(place): \(String(cString: strerror(code)))\(hint)"
    }
}

/// An output: held from when it is had until its end.
public final class GPIOLine {
    private let chip: String
    private let line: Int
    private let calls: GPIOCalls
    private let descriptor: Int32

    /// It is off at first, or on.
    public init(
        _ chip: String, line: Int, isActiveLow: Bool, isOn: Bool, calls: GPIOCalls = .system
    ) throws(GPIOProblem) {
        self.chip = chip
        self.line = line
        self.calls = calls
        let (opened, openCode) = calls.open(chip)
        guard opened >= 0 else { throw GPIOProblem("open", chip, line: line, code: openCode) }
        defer { calls.close(opened) }
        let (requested, code) = calls.request(opened, line, isOn, isActiveLow)
        guard requested >= 0 else { throw GPIOProblem("have", chip, line: line, code: code) }
        descriptor = requested
    }

    deinit { calls.close(descriptor) }

    public func set(_ isOn: Bool) throws(GPIOProblem) {
        let (result, code) = calls.set(descriptor, isOn)
        guard result >= 0 else { throw GPIOProblem("set", chip, line: line, code: code) }
    }
}
