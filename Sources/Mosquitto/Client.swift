import CMosquitto
import Glibc

/// A message as the broker sent it; the memory is borrowed until the call returns.
public struct IncomingMessage {
    public let topic: UnsafeBufferPointer<UInt8>
    public let payload: UnsafeRawBufferPointer
    public let qos: Int
    /// The broker's number for it; 0 at QoS 0.
    public let id: UInt16
    /// Sent because it is kept at the broker and we have just subscribed: not a new sample.
    public let isRetained: Bool
}

/// Told by the thread that calls the client's loop functions, within those calls.
public protocol ClientDelegate: AnyObject {
    /// `code` is the broker's answer: 0, or a reason to refuse (MQTT 3.1.1 below 128, MQTT 5 from 128).
    func connected(code: Int, sessionPresent: Bool)
    /// For each filter of one subscription what the broker granted: 0...2, or a reason from 128.
    func subscribed(granted: [Int])
    func received(_ message: IncomingMessage)
    /// The broker ends the connection and says why: a reason from 128 (MQTT 5 alone has that).
    func dismissed(reason: Int)
    /// A message of ours has been taken by the broker, or refused for a reason from 128 (MQTT 5 alone has that); at QoS 0 it
    /// has left. `id` is what `publishNumbered` returned.
    func published(id: Int, reason: Int)
}

extension ClientDelegate {
    public func dismissed(reason: Int) {}
    public func published(id: Int, reason: Int) {}
}

/// libmosquitto or the broker said no.
public struct MQTTError: Error, CustomStringConvertible, Sendable {
    public let code: Int32
    public let description: String
    /// The other side has closed the connection, in order or not.
    public let isHangUp: Bool

    init(_ code: Int32) {
        self.code = code
        isHangUp =
            code == MOSQ_ERR_CONN_LOST.rawValue || code == MOSQ_ERR_ERRNO.rawValue && errno == ECONNRESET
        switch mosq_err_t(rawValue: code) {
        case MOSQ_ERR_ERRNO: description = String(cString: strerror(errno))
        // The library has no words for it.
        case MOSQ_ERR_KEEPALIVE: description = "it gives no sign of life"
        default: description = String(cString: mosquitto_strerror(code)).trimmingFullStop
        }
    }

    /// The broker answered, and its answer was a reason code.
    public init(refused reason: Int) {
        code = MOSQ_ERR_CONN_REFUSED.rawValue
        isHangUp = false
        description = reasonText(reason)
    }

    /// What was asked for cannot be, on this connection or another.
    public var isOfRequest: Bool {
        [
            MOSQ_ERR_INVAL, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_OVERSIZE_PACKET,
            MOSQ_ERR_QOS_NOT_SUPPORTED, MOSQ_ERR_RETAIN_NOT_SUPPORTED,
        ].map(\.rawValue).contains(code)
    }

    public var isConnectionLost: Bool {
        [MOSQ_ERR_CONN_LOST, MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_PACKET].map(\.rawValue).contains(code)
    }

    init(tls problem: String) {
        code = MOSQ_ERR_TLS.rawValue
        isHangUp = false
        description = problem
    }

    init(_ description: String) {
        code = MOSQ_ERR_UNKNOWN.rawValue
        isHangUp = false
        self.description = description
    }
}

extension String {
    fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}

public enum ProtocolVersion: Sendable { case v311, v5 }

/// One MQTT client with a loop of our own, used by one thread.
///
/// What libmosquitto writes can be caught instead of sent (`catchWrites`): it queues the acknowledgement of a message
/// before it hands the message over, and writes everything that is queued or nothing. So for the time of the write the
/// socket's descriptor stands for a pipe, and its owner sends the caught bytes when what they say has become true.
public final class Client {
    /// In flight from the broker to us at MQTT 5: what may wait for a slow disk without holding up fresh messages.
    public static let receiveMaximum = 10_000

    /// The library takes a whole packet into memory before anyone can look at its size: a broker does not send larger
    /// ones.
    private static let maximumPacket: UInt32 = 17 << 20

    private let handle: OpaquePointer
    private unowned let delegate: any ClientDelegate
    private let version: ProtocolVersion
    /// Our own descriptor of the connection; -1 while there is none.
    private var connection: Int32 = -1
    private var caught: (read: Int32, write: Int32) = (-1, -1)
    /// What is written is a stream of records then: none can overtake another.
    public private(set) var isEncrypted = false
    /// What the library says of the first error.
    fileprivate var complaint: String?
    private var chunk = [UInt8](repeating: 0, count: 64 * 1024)

    private static let library: Void = {
        mosquitto_lib_init()
        // Its writes go through `write`: a closed connection is an error there, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }()

    public init(id: String, keepsSession: Bool, version: ProtocolVersion, delegate: any ClientDelegate) {
        _ = Client.library
        guard let handle = mosquitto_new(id, !keepsSession, nil) else { fatalError("out of memory") }
        self.handle = handle
        self.delegate = delegate
        self.version = version
        // The client owns the handle, so a callback never finds it gone.
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        option(MOSQ_OPT_PROTOCOL_VERSION, version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311)
        option(MOSQ_OPT_TCP_NODELAY, 1)
        if version == .v5 { option(MOSQ_OPT_RECEIVE_MAXIMUM, Int32(Client.receiveMaximum)) }
        // Without this every acknowledgement would be written before the message is handed over.
        mosquitto_threaded_set(handle, true)
        mosquitto_connect_v5_callback_set(handle, connectThunk)
        mosquitto_subscribe_v5_callback_set(handle, subscribeThunk)
        mosquitto_message_v5_callback_set(handle, messageThunk)
        mosquitto_publish_v5_callback_set(handle, publishThunk)
        mosquitto_disconnect_v5_callback_set(handle, disconnectThunk)
        mosquitto_log_callback_set(handle, logThunk)
    }

    deinit {
        closeConnection()
        mosquitto_destroy(handle)
    }

    /// Encrypts the connection, with certificates or with a key that both sides know. Before `connect`.
    public func encrypt(_ encryption: Encryption) throws(MQTTError) {
        isEncrypted = true
        switch encryption {
        case .certificates(let authority, let own, let checksBroker):
            // No password is asked for on a terminal that nobody watches.
            try check(
                mosquitto_tls_set(
                    handle, authority, authority == nil ? Self.trustedBySystem : nil, own?.certificate, own?.key,
                    refusePassword))
            try check(mosquitto_tls_opts_set(handle, checksBroker ? 1 : 0, nil, nil))
            try check(mosquitto_tls_insecure_set(handle, !checksBroker))
        case .sharedKey(let identity, let key):
            try check(mosquitto_tls_psk_set(handle, key, identity, nil))
        }
    }

    private static let trustedBySystem = "/etc/ssl/certs"

    public func setCredentials(username: String, password: String?) {
        mosquitto_username_pw_set(handle, username, password)
    }

    /// What the broker publishes when the connection ends without a goodbye. Before `connect`.
    public func setWill(_ topic: String, _ payload: [UInt8], isRetained: Bool) throws(MQTTError) {
        try check(mosquitto_will_set(handle, topic, Int32(payload.count), payload, 0, isRetained))
    }

    /// Blocks until the broker's host has answered or not. The broker's own answer comes to the delegate.
    public func connect(host: String, port: Int, keepalive: Duration, sessionExpiry: UInt32) throws(MQTTError) {
        closeConnection()
        complaint = nil
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if version == .v5 {
            mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), sessionExpiry)
            mosquitto_property_add_int32(
                &properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), Client.maximumPacket)
        }
        try check(
            mosquitto_connect_bind_v5(
                handle, host, Int32(port), Int32(max(5, keepalive.components.seconds)), nil, properties))
        connection = fcntl(mosquitto_socket(handle), F_DUPFD_CLOEXEC, 3)
        var ends: [Int32] = [-1, -1]
        guard connection >= 0, pipe(&ends) == 0 else {
            throw MQTTError("cannot keep the connection: \(String(cString: strerror(errno)))")
        }
        caught = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    /// To poll for reading; -1 when the connection is gone.
    public var descriptor: Int32 { connection }

    /// Reads one packet if one has come.
    public func readPacket() throws(MQTTError) { try check(outpost_mosquitto_read(handle, 1)) }

    /// Keep-alive: asks the broker for a sign of life when it is due, and fails when none came.
    public func keepAlive() throws(MQTTError) { try check(mosquitto_loop_misc(handle)) }

    public var hasWrites: Bool { mosquitto_want_write(handle) }

    /// Takes all that libmosquitto wants to write, to be sent by `send`.
    public func catchWrites(into bytes: inout [UInt8]) throws(MQTTError) {
        while mosquitto_want_write(handle) {
            let socket = mosquitto_socket(handle)
            guard socket >= 0, dup2(caught.write, socket) >= 0 else { throw MQTTError(MOSQ_ERR_NO_CONN.rawValue) }
            let code = mosquitto_loop_write(handle, 1)
            // On an error the library has closed its socket: the number may be somebody else's by now.
            if mosquitto_socket(handle) == socket { dup2(connection, socket) }
            drainPipe(into: &bytes)
            try check(code)
        }
    }

    /// Sends all that libmosquitto wants to write, at once: for those who hold nothing back.
    public func writePackets() throws(MQTTError) {
        if mosquitto_want_write(handle) { try check(mosquitto_loop_write(handle, 1)) }
    }

    /// Sends what fits; returns how many bytes that were.
    public func send(_ bytes: ArraySlice<UInt8>) throws(MQTTError) -> Int {
        let count = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        if [EAGAIN, EINTR].contains(errno) { return 0 }
        throw MQTTError(MOSQ_ERR_ERRNO.rawValue)
    }

    /// What this client publishes itself does not come back to it, where the broker can tell (MQTT 5, and not for a
    /// subscription that is shared).
    public func subscribe(_ filter: String, qos: Int) throws(MQTTError) {
        let leavesOutOwn = version == .v5 && !filter.hasPrefix("$share/")
        let options = leavesOutOwn ? Int32(MQTT_SUB_OPT_NO_LOCAL.rawValue) : 0
        try check(mosquitto_subscribe_v5(handle, nil, filter, Int32(qos), options, nil))
    }

    public func unsubscribe(_ filter: String) throws(MQTTError) {
        try check(mosquitto_unsubscribe(handle, nil, filter))
    }

    public func publish(_ topic: String, _ payload: [UInt8], qos: Int = 0, isRetained: Bool = false) throws(MQTTError) {
        _ = try publishNumbered(topic, payload, qos: qos, isRetained: isRetained)
    }

    /// Returns the number that `published` will say.
    public func publishNumbered(
        _ topic: String, _ payload: [UInt8], qos: Int, isRetained: Bool
    ) throws(MQTTError) -> Int {
        var id: Int32 = 0
        try check(
            mosquitto_publish_v5(handle, &id, topic, Int32(payload.count), payload, Int32(qos), isRetained, nil))
        return Int(id)
    }

    /// Queues the goodbye; it leaves with the next writes.
    public func sayGoodbye() { mosquitto_disconnect_v5(handle, 0, nil) }

    /// Everything that was not sent is gone, and the broker will send again what was not acknowledged.
    public func closeConnection() {
        guard connection >= 0 else { return }
        let socket = mosquitto_socket(handle)
        // The library notices at its next call; until then its descriptor must not keep the connection open.
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        close(connection)
        close(caught.read)
        close(caught.write)
        connection = -1
    }

    private func drainPipe(into bytes: inout [UInt8]) {
        while true {
            let count = read(caught.read, &chunk, chunk.count)
            guard count > 0 else { return }
            bytes += chunk[..<count]
        }
    }

    private func option(_ option: mosq_opt_t, _ value: Int32) { mosquitto_int_option(handle, option, value) }

    private func check(_ code: Int32) throws(MQTTError) {
        if code == MOSQ_ERR_TLS.rawValue { throw MQTTError(tls: encryptionProblem) }
        if code != MOSQ_ERR_SUCCESS.rawValue { throw MQTTError(code) }
    }

    private var encryptionProblem: String {
        if let problem = outpost_mosquitto_certificate_problem(handle) {
            return "the broker's certificate is refused: \(String(cString: problem))"
        }
        guard let complaint else { return "the encrypted connection failed" }
        if complaint.hasPrefix("Error: host name") {
            return "the broker's certificate is refused: it is for other names"
        }
        return complaint.hasPrefix("OpenSSL") ? "OpenSSL: " + complaint.drop { $0 != " " }.dropFirst(11) : complaint
    }

    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> any ClientDelegate {
        Unmanaged<Client>.fromOpaque(context!).takeUnretainedValue().delegate
    }
}

/// What a broker's reason code says, in words.
public func reasonText(_ code: Int) -> String {
    code < 128
        ? String(cString: mosquitto_connack_string(Int32(code))).trimmingFullStop
        : String(cString: mosquitto_reason_string(Int32(code)))
}

/// Whether a topic is one that the filter asks for. Both end in a zero byte.
public func matches(filter: String, topic: String) -> Bool {
    var result = false
    return mosquitto_topic_matches_sub(filter, topic, &result) == MOSQ_ERR_SUCCESS.rawValue && result
}

/// What makes a connection one that others cannot read.
public enum Encryption: Sendable {
    /// `authority` is a file with the certificates that vouch for the broker; nil: those that the system trusts.
    case certificates(authority: String?, own: (certificate: String, key: String)?, checksBroker: Bool)
    /// The key is in hexadecimal digits.
    case sharedKey(identity: String, key: String)
}

private func refusePassword(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { 0 }

private func logThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ level: Int32, _ text: UnsafePointer<CChar>?
) {
    guard level == MOSQ_LOG_ERR, let text, let context else { return }
    let client = Unmanaged<Client>.fromOpaque(context).takeUnretainedValue()
    // The first says most.
    if client.complaint == nil { client.complaint = String(cString: text) }
}

private func connectThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: Int32, _ flags: Int32, _: OpaquePointer?
) {
    Client.of(context).connected(code: Int(code), sessionPresent: flags & 1 != 0)
}

private func disconnectThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32, _: OpaquePointer?
) {
    // Below are the library's own codes.
    if reason >= 128 { Client.of(context).dismissed(reason: Int(reason)) }
}

private func subscribeThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _: Int32, _ count: Int32,
    _ granted: UnsafePointer<Int32>?, _: OpaquePointer?
) {
    let granted = UnsafeBufferPointer(start: granted, count: Int(count))
    Client.of(context).subscribed(granted: granted.map(Int.init))
}

private func messageThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ message: UnsafePointer<mosquitto_message>?,
    _: OpaquePointer?
) {
    let message = message!.pointee
    let topic = UnsafeRawPointer(message.topic!).assumingMemoryBound(to: UInt8.self)
    Client.of(context).received(
        IncomingMessage(
            topic: UnsafeBufferPointer(start: topic, count: strlen(message.topic)),
            payload: UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
            qos: Int(message.qos), id: UInt16(truncatingIfNeeded: message.mid), isRetained: message.retain))
}

private func publishThunk(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ id: Int32, _ reason: Int32, _: OpaquePointer?
) {
    Client.of(context).published(id: Int(id), reason: Int(reason))
}
