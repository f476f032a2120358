import Glibc
import Platform

/// The Modbus device of another library: see Tests/ModbusInputTests/device.py.
public final class OtherDevice {
    private let process: ChildProcess

    /// `make deps` puts the library there.
    public init(_ words: String...) throws {
        let tests = "\(#filePath)".split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        process = try ChildProcess(
            tests + "/../.build/python/bin/python", [tests + "/ModbusInputTests/device.py"] + words)
    }

    public func stop() { _ = process.stop(signal: SIGKILL) }
}
