import CSQLite

extension Connection {
    /// What the entry point of a loadable extension does with the connection that it is given: an error becomes the
    /// message of the host.
    public static func extend(
        _ host: OpaquePointer, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ body: (Connection) throws -> Void
    ) -> Int32 {
        do {
            try body(Connection(host: host))
            return SQLITE_OK
        } catch {
            message?.pointee = outpost_sqlite_copy("\(error)")
            return SQLITE_ERROR
        }
    }
}
