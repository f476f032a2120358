import Glibc

/// A system call that failed: what was tried, on what, and the system's reason.
public struct SystemError: Error, CustomStringConvertible, Sendable, Equatable {
    public let operation: String
    public let subject: String
    public let code: Int32

    public init(_ operation: String, _ subject: String, code: Int32 = errno) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    public var reason: String { String(cString: strerror(code)) }

    public var description: String { "cannot \(operation) \(subject): \(reason)" }
}

/// Runs a call that returns -1 and sets `errno`, again while a signal interrupts it.
@discardableResult
func retrying<Result: BinaryInteger>(
    _ operation: String, _ subject: String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(operation, subject, code: code) }
    }
}
