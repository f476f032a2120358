import CModbus
import Glibc
import Platform
import Polling

/// The registers and bits of one unit that a server offers.
public final class Registers {
    private let mapping: UnsafeMutablePointer<modbus_mapping_t>

    /// All four tables, from 0 on, as long as the protocol allows.
    public init() {
        guard let mapping = modbus_mapping_new(65_536, 65_536, 65_536, 65_536) else { fatalError("out of memory") }
        self.mapping = mapping
    }

    deinit { modbus_mapping_free(mapping) }

    public func set(_ table: RegisterTable, _ address: UInt16, to value: UInt16) {
        let index = Int(address)
        switch table {
        case .coil: mapping.pointee.tab_bits[index] = value == 0 ? 0 : 1
        case .discrete: mapping.pointee.tab_input_bits[index] = value == 0 ? 0 : 1
        case .holding: mapping.pointee.tab_registers[index] = value
        case .input: mapping.pointee.tab_input_registers[index] = value
        }
    }

    public func value(_ table: RegisterTable, _ address: UInt16) -> UInt16 {
        let index = Int(address)
        return switch table {
        case .coil: UInt16(mapping.pointee.tab_bits[index])
        case .discrete: UInt16(mapping.pointee.tab_input_bits[index])
        case .holding: mapping.pointee.tab_registers[index]
        case .input: mapping.pointee.tab_input_registers[index]
        }
    }

    fileprivate func reply(_ context: OpaquePointer, _ request: [UInt8], _ count: Int32) -> Bool {
        modbus_reply(context, request, count, mapping) >= 0
    }
}

/// What a server can do wrong, for those who want to see what a gateway makes of it.
public enum ServerFault: String, Sendable, CaseIterable {
    case silent
    case late
    case exception
    case garbage
    case unit
}

/// A server of Modbus TCP, on libmodbus. Used by one thread, which calls `serve` again and again.
public final class Server {
    private static let unitOffset = 6
    private static let mostClients = 32

    private let context: OpaquePointer
    private let listener: Int32
    private var clients: [Int32] = []
    private var request = [UInt8](repeating: 0, count: Int(outpost_modbus_longest_frame))

    /// Only units that are here are answered.
    public var units: [UInt8: Registers] = [:]
    /// Each so manieth answer is wrong in this way.
    public var fault: (kind: ServerFault, every: Int)?
    private var requests = 0
    private static let lateness: Duration = .seconds(2)
    private static let deviceFailure: UInt32 = 4

    public init(host: String, port: UInt16) throws(SystemError) {
        guard let context = modbus_new_tcp_pi(host, "\(port)") else {
            throw SystemError("serve", "\(host):\(port)", code: errno)
        }
        self.context = context
        modbus_set_byte_timeout(context, 0, 0)
        modbus_set_indication_timeout(context, 1, 0)
        listener = modbus_tcp_pi_listen(context, 8)
        guard listener >= 0 else {
            let code = errno
            modbus_free(context)
            throw SystemError("listen on", "\(host):\(port)", code: code)
        }
    }

    deinit {
        for client in clients { close(client) }
        close(listener)
        modbus_set_socket(context, -1)
        modbus_free(context)
    }

    /// Answers what comes until then.
    public func serve(until deadline: MonotonicTime) {
        while Clocks.system.monotonic() < deadline {
            let watched = ([listener] + clients).map { ($0, POLLIN) }
            let ready = pollDescriptors(watched, until: deadline)
            if ready[0] != 0 { accept() }
            for (client, events) in zip(clients, ready.dropFirst()) where events != 0 { answer(client) }
        }
    }

    private func accept() {
        var client: Int32 = listener
        guard modbus_tcp_pi_accept(context, &client) >= 0 else { return }
        let socket = modbus_get_socket(context)
        guard clients.count < Self.mostClients else {
            close(socket)
            return
        }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        clients.append(socket)
    }

    /// Whether it has done something else in place of an answer.
    private func misbehaves(_ client: Int32) -> Bool {
        guard let fault else { return false }
        requests += 1
        guard requests % max(1, fault.every) == 0 else { return false }
        switch fault.kind {
        case .silent: return true
        case .late:
            _ = pollDescriptors([], until: Clocks.system.monotonic() + Self.lateness)
            return false
        case .exception:
            modbus_reply_exception(context, request, Self.deviceFailure)
            return true
        case .garbage:
            let garbage: [UInt8] = (0..<20).map { _ in UInt8.random(in: 0...255) }
            _ = garbage.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            return true
        case .unit:
            // The answer says that it is of another.
            request[Self.unitOffset] ^= 0x40
            return false
        }
    }

    private func answer(_ client: Int32) {
        modbus_set_socket(context, client)
        let count = modbus_receive(context, &request)
        if count > 0, let registers = units[request[Self.unitOffset]] {
            if misbehaves(client) { return }
            if registers.reply(context, request, count) { return }
        } else if count >= 0 {
            return  // another's unit
        }
        close(client)
        clients.removeAll { $0 == client }
    }
}
