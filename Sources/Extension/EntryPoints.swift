import CSQLiteRoutines
import SQLite

// The names that a host looks for: any extension's, and the one that it makes of outpost_sqlite.so.

@_cdecl("sqlite3_extension_init")
public func loadExtension(
    _ database: OpaquePointer, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ routines: UnsafeRawPointer
) -> Int32 {
    load(database, message, routines)
}

@_cdecl("sqlite3_outpostsqlite_init")
public func loadExtensionByItsName(
    _ database: OpaquePointer, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ routines: UnsafeRawPointer
) -> Int32 {
    load(database, message, routines)
}

private func load(
    _ database: OpaquePointer, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ routines: UnsafeRawPointer
) -> Int32 {
    // Before the first call of anything in SQLite.
    let code = outpost_use_routines(routines, message)
    return code != 0 ? code : Connection.extend(database, message) { try HostConnection($0).begin() }
}
