import Demo
import Modbus
import Platform

/// The server of the measurement in a process of its own. Nothing for people, so `outpost bench` does not show it.
public enum ModbusHelper {
    static let word = "modbus-server"
    static let ready = "listening"
    static let units: ClosedRange<UInt8> = 1...10

    /// Nil where these words are for somebody else.
    public static func port(_ words: [String]) -> UInt16? {
        words.count == 2 && words[0] == word ? UInt16(words[1]) : nil
    }

    /// Serves until it is asked to stop.
    public static func run(port: UInt16, say: (String) -> Void) throws {
        Signals.block()
        let server = try Server(host: "127.0.0.1", port: port)
        for unit in units { server.units[unit] = Registers() }
        say("\(ready)\n")
        while Signals.wait(for: .zero) != .stop {
            server.serve(until: Clocks.system.monotonic() + .milliseconds(100))
        }
    }
}
