import CModbus
import Glibc

/// Requests as libmodbus makes them, to measure ours beside: it does not check whose answer it is that it takes.
public final class BareClient {
    private let context: OpaquePointer
    private var registers = [UInt16](repeating: 0, count: 125)

    public init?(host: String, port: UInt16, unit: UInt8) {
        guard let context = modbus_new_tcp_pi(host, "\(port)") else { return nil }
        self.context = context
        modbus_set_slave(context, Int32(unit))
        guard modbus_connect(context) == 0 else { return nil }
    }

    deinit {
        modbus_close(context)
        modbus_free(context)
    }

    public func read(first: UInt16, count: UInt16) -> Bool {
        modbus_read_registers(context, Int32(first), Int32(count), &registers) == Int32(count)
    }
}
