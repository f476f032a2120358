/// What a request says before its body.
public struct HTTPHead: Sendable {
    public var method: String
    /// Without what stands behind "?", with nothing in it decoded but what the library decodes: %xx.
    public var path: String
    public var query: [(name: String, value: String?)]
    public var headers: [(name: String, value: String)]
    /// Of whoever has sent it, without a port.
    public var peer: String
    /// The common name of the certificate that the client has shown, once its authority is known to be one of ours.
    public var certificateName: String?

    /// The first header of that name, in whatever case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.elementsEqual(name.utf8, by: Self.isSameLetter) }?.value
    }

    /// Of the body, as far as it is said.
    public var contentLength: Int? { header("content-length").flatMap { Int($0) } }

    private static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        return lower(left) == lower(right)
    }
}

public struct HTTPReply: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func text(_ status: Int, _ text: String) -> HTTPReply {
        HTTPReply(status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array((text + "\n").utf8))
    }
}

/// What becomes of a request before its body is read.
public enum HTTPAdmission: Sendable {
    /// It is read, as long as it has no more bytes than this.
    case body(most: Int)
    case reply(HTTPReply)
}

/// Who answers. Called from the threads of the connections, several at a time.
public protocol HTTPService: AnyObject, Sendable {
    func admit(_ head: HTTPHead) -> HTTPAdmission
    func answer(_ head: HTTPHead, body: [UInt8]) -> HTTPReply
    /// The connection has ended before all of the body was there.
    func interrupted(_ head: HTTPHead, body: [UInt8])
}
