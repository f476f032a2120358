import CModbus
import Glibc
import Platform
import Polling

/// An open way to devices, as libmodbus opens and sets it up. What goes over it is the caller's: libmodbus' own requests do
/// not check whose answer it is that they take. Used by one thread.
public final class Line {
    private let address: LineAddress
    private let context: OpaquePointer
    /// Non-blocking.
    public let descriptor: Int32

    /// Blocks until the line is open, for `timeout` at most.
    public init(_ address: LineAddress, timeout: Duration) throws(LineError) {
        self.address = address
        guard let context = Self.context(address) else { throw LineError(address, code: errno) }
        self.context = context
        modbus_set_response_timeout(
            context, UInt32(clamping: timeout.components.seconds), UInt32(timeout.nanoseconds % 1_000_000_000 / 1000))
        guard modbus_connect(context) == 0 else {
            let code = errno
            modbus_free(context)
            throw LineError(address, code: code)
        }
        descriptor = modbus_get_socket(context)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        modbus_close(context)
        modbus_free(context)
    }

    private static func context(_ address: LineAddress) -> OpaquePointer? {
        switch address {
        case .tcp(let host, let port), .rtuOverTCP(let host, let port): modbus_new_tcp_pi(host, "\(port)")
        case .serial(let path, let format):
            modbus_new_rtu(
                path, Int32(format.baud), CChar(bitPattern: format.parity.rawValue.utf8.first!), 8,
                Int32(format.stopBits))
        }
    }

    /// Sends all bytes. A serial line, and a connection that takes so few bytes at once, does not keep one waiting.
    public func send(_ bytes: [UInt8]) throws(LineError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                throw LineError(address, code: errno)
            }
        }
    }

    /// Appends what has come; false where nothing has. A connection that has ended is an error.
    public func receive(into bytes: inout [UInt8]) throws(LineError) -> Bool {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 512))
        let count = bytes[start...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let code = errno
        bytes.removeLast(bytes.count - start - max(0, count))
        if count > 0 { return true }
        if count == 0 {
            // A serial line that has nothing says so in this way; when it is unplugged, `poll` says so.
            if case .serial = address { return false }
            throw LineError(address, code: ECONNRESET)
        }
        if code == EAGAIN || code == EINTR { return false }
        throw LineError(address, code: code)
    }

    /// The error of a line that is there no longer.
    public var gone: LineError { LineError(address, code: ENODEV) }

    /// Throws away what has come and nobody has read.
    public func flush() { modbus_flush(context) }
}

/// A line that cannot be opened, or is open no longer.
public struct LineError: Error, CustomStringConvertible, Sendable, Hashable {
    public let address: LineAddress
    public let code: Int32

    init(_ address: LineAddress, code: Int32) {
        self.address = address
        self.code = code
    }

    /// The other side has ended a connection that there was.
    public var isHangUp: Bool { code == ECONNRESET || code == EPIPE }

    public var description: String {
        switch (address, code) {
        case (_, ECONNRESET): "the other side has closed it"
        case (.serial(let path, _), ENOENT): "there is no \(path): is the adapter plugged in?"
        case (.serial(let path, _), EACCES):
            "there is no permission to use \(path): the user has to be in the group dialout"
        case (.serial(let path, _), EBUSY): "\(path) is in use by another program"
        case (.serial(let path, _), ENODEV), (.serial(let path, _), EIO): "\(path) is gone: was the adapter unplugged?"
        case (_, EINPROGRESS), (_, ETIMEDOUT): "nobody answers"
        default: String(cString: modbus_strerror(code))
        }
    }
}
