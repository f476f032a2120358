import Glibc
import Platform

/// A mosquitto of one's own on a free port of the loopback, with the settings that Outpost ships.
public final class PrivateBroker {
    public enum Failure: Error, CustomStringConvertible {
        case notInstalled
        case notStarted(String)

        public var description: String {
            switch self {
            case .notInstalled: "mosquitto is not installed: apt-get install mosquitto"
            case .notStarted(let reason): "the private broker did not start: \(reason)"
            }
        }
    }

    public let port: Int
    private let directory: String
    private var process: ChildProcess

    /// Keeps its files in `directory`; a port that is given is used again.
    public init(directory: String, port: Int? = nil, additionalLines: String = "") throws {
        guard let program = ChildProcess.find("mosquitto") else { throw Failure.notInstalled }
        self.directory = directory
        self.port = port ?? freePort()
        let words = additionalLines.split { $0.isWhitespace }
        let saysWhoMayConnect = words.contains { $0 == "allow_anonymous" }
        let configuration = """
            listener \(self.port) 127.0.0.1
            \(saysWhoMayConnect ? "" : "allow_anonymous true")
            max_queued_messages 0
            max_queued_bytes 268435456
            set_tcp_nodelay true
            persistence true
            persistence_location \(directory)/
            autosave_interval 30
            user root
            \(additionalLines)

            """
        try Files.write(Array(configuration.utf8), to: directory + "/mosquitto.conf")
        let log = open(directory + "/mosquitto.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(log) }
        process = try ChildProcess(program, ["-c", directory + "/mosquitto.conf"], output: log)
        try waitUntilListening()
    }

    public func stop(signal: Int32 = SIGTERM) { _ = process.stop(signal: signal) }

    private func waitUntilListening() throws {
        let clocks = Clocks.system
        let deadline = clocks.monotonic() + .seconds(10)
        while !canConnect(port) {
            guard process.isRunning, clocks.monotonic() < deadline else {
                let log = (try? Files.read(directory + "/mosquitto.log", limit: 1 << 20)) ?? []
                throw Failure.notStarted(String(decoding: log.suffix(500), as: UTF8.self))
            }
            _ = pollDescriptors([], until: clocks.monotonic() + .milliseconds(5))
        }
    }
}

/// A port of the loopback that nobody listens on at this moment.
public func freePort() -> Int {
    withLoopbackSocket(port: 0) { descriptor, address, length in
        var length = length
        guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0 else { return 0 }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
    }
}

private func canConnect(_ port: Int) -> Bool {
    withLoopbackSocket(port: port) { descriptor, address, length in connect(descriptor, address, length) == 0 }
}

/// A TCP socket for as long as `body` runs, and the address of a port of the loopback to bind or connect it to.
public func withLoopbackSocket<Result, Failure: Error>(
    port: Int, _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) throws(Failure) -> Result
) throws(Failure) -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return try withUnsafeMutablePointer(to: &address) { (pointer) throws(Failure) in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(Failure) in
            try body(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
