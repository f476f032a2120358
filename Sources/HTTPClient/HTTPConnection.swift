import CCurl
import Platform

/// What is sent to a web server by POST.
public struct HTTPRequest: Sendable {
    public var address: String
    /// Names and values; neither holds a line break.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    public var timeout: Duration
    /// Certificates that may vouch for the server; nil: those that the system trusts.
    public var authorityFile: String?
    /// Whoever answers is taken for the server.
    public var isInsecure: Bool
    /// Our own certificate and its key, for servers that want to see one.
    public var certificateFile: String?
    public var keyFile: String?

    public init(
        _ address: String, headers: [(name: String, value: String)], body: [UInt8], timeout: Duration,
        authorityFile: String? = nil, isInsecure: Bool = false
    ) {
        self.address = address
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.authorityFile = authorityFile
        self.isInsecure = isInsecure
    }
}

public struct HTTPAnswer: Sendable {
    public var status: Int
    /// No more than its beginning.
    public var body: [UInt8]
}

/// Why there was no answer, in words for people.
public struct HTTPProblem: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// Whoever asked did not want it any more.
    public let isCancelled: Bool
}

/// Sends one request after the other, and keeps the connection between them. Redirects are not followed.
public final class HTTPConnection: @unchecked Sendable {
    // Sendable: whoever has it uses it alone; curl does not mind which thread that is.
    static let keptBody = 4096

    private let handle: OpaquePointer
    private var complaint: [CChar]
    private var exchange = Exchange()

    /// What the callbacks of one request work with.
    fileprivate struct Exchange {
        var body: [UInt8] = []
        var isCancelled: () -> Bool = { false }
    }

    private static let library: Void = { curl_global_init(outpost_curl_everything) }()

    public init() {
        _ = HTTPConnection.library
        guard let handle = curl_easy_init() else { fatalError("out of memory") }
        self.handle = OpaquePointer(handle)
        complaint = [CChar](repeating: 0, count: outpost_curl_error_size)
    }

    deinit { curl_easy_cleanup(curl) }

    private var curl: UnsafeMutableRawPointer { UnsafeMutableRawPointer(handle) }

    /// Blocks until the server has answered, or time is up; `isCancelled` is asked about once a second.
    public func post(
        _ request: HTTPRequest, isCancelled: @escaping () -> Bool = { false }
    ) throws(HTTPProblem) -> HTTPAnswer {
        exchange = Exchange(isCancelled: isCancelled)
        curl_easy_reset(curl)
        setLimits(request)
        setEncryption(request)
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        // Expect would cost a round trip.
        for header in request.headers + [("Expect", "")] {
            headers = curl_slist_append(headers, "\(header.name):\(header.value.isEmpty ? "" : " " + header.value)")
        }
        outpost_curl_pointer(curl, CURLOPT_HTTPHEADER, headers)
        outpost_curl_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        _ = request.body.withUnsafeBytes { outpost_curl_pointer(curl, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        return try perform()
    }

    private func setLimits(_ request: HTTPRequest) {
        outpost_curl_text(curl, CURLOPT_URL, request.address)
        outpost_curl_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        outpost_curl_number(curl, CURLOPT_FOLLOWLOCATION, 0)
        // Signals would reach any thread.
        outpost_curl_number(curl, CURLOPT_NOSIGNAL, 1)
        outpost_curl_number(curl, CURLOPT_TCP_NODELAY, 1)
        let milliseconds = Int(request.timeout.milliseconds)
        outpost_curl_number(curl, CURLOPT_TIMEOUT_MS, milliseconds)
        outpost_curl_number(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        // The connection is the owner of neither: both are gone from it with the next reset.
        let context = Unmanaged.passUnretained(self).toOpaque()
        outpost_curl_on_body(curl, bodyThunk, context)
        outpost_curl_on_progress(curl, progressThunk, context)
    }

    private func setEncryption(_ request: HTTPRequest) {
        if let certificate = request.certificateFile { outpost_curl_text(curl, CURLOPT_SSLCERT, certificate) }
        if let key = request.keyFile { outpost_curl_text(curl, CURLOPT_SSLKEY, key) }
        outpost_curl_number(curl, CURLOPT_SSLVERSION, outpost_curl_tls_1_2)
        if let authority = request.authorityFile { outpost_curl_text(curl, CURLOPT_CAINFO, authority) }
        outpost_curl_number(curl, CURLOPT_SSL_VERIFYPEER, request.isInsecure ? 0 : 1)
        outpost_curl_number(curl, CURLOPT_SSL_VERIFYHOST, request.isInsecure ? 0 : 2)
    }

    private func perform() throws(HTTPProblem) -> HTTPAnswer {
        complaint[0] = 0
        let code = complaint.withUnsafeMutableBufferPointer { buffer in
            outpost_curl_pointer(curl, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            defer { outpost_curl_pointer(curl, CURLOPT_ERRORBUFFER, nil) }
            return curl_easy_perform(curl)
        }
        let status = Int(outpost_curl_status(curl))
        // The status is the answer: what becomes of the words behind it does not matter.
        if code == CURLE_OK || status >= 200 { return HTTPAnswer(status: status, body: exchange.body) }
        throw HTTPProblem(description: reason(code), isCancelled: code == CURLE_ABORTED_BY_CALLBACK)
    }

    private func reason(_ code: CURLcode) -> String {
        let complaint = complaint.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let text = complaint.isEmpty ? String(cString: curl_easy_strerror(code)) : complaint
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION:
            return "the server's certificate is refused: \(text)"
        case CURLE_SSL_CACERT_BADFILE: return "\(text): it holds no certificates"
        default: return text
        }
    }

    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> HTTPConnection {
        Unmanaged<HTTPConnection>.fromOpaque(context!).takeUnretainedValue()
    }

    /// Takes the beginning, and then no more: the transfer ends.
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        let room = Self.keptBody - exchange.body.count
        exchange.body += bytes.prefix(room)
        return bytes.count > room ? 0 : bytes.count
    }

    fileprivate var isCancelled: Bool { exchange.isCancelled() }
}

private func bodyThunk(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    HTTPConnection.of(context).take(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func progressThunk(
    _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    HTTPConnection.of(context).isCancelled ? 1 : 0
}
