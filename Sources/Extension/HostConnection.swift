import Glibc
import SQLite
import StoreSQL

/// The connection of a host: it has the functions from the start, and the tables once a data directory is known.
final class HostConnection {
    private let connection: Connection
    private var directory: String?

    init(_ connection: Connection) { self.connection = connection }

    func begin() throws {
        try StoreTables.registerFunctions(on: connection)
        try connection.register(OpenStore(host: self))
        if let directory = givenDirectory { try open(directory) }
    }

    /// That of the environment, or the one where the host's own file lies.
    private var givenDirectory: String? {
        if let path = getenv("OUTPOST_DATA"), path.pointee != 0 { return String(cString: path) }
        guard let path = connection.mainFile, let slash = path.lastIndex(of: "/"),
            ["journal.db", "history.db"].contains(path[path.index(after: slash)...])
        else { return nil }
        return String(path[..<slash])
    }

    func open(_ directory: String) throws {
        if let known = self.directory { throw SQLProblem("\(known) is open on this connection already") }
        // A table of the host's own hides ours of the same name; under the other name each is always there.
        try StoreTables(directory: directory).register(on: connection, prefixes: ["outpost_"])
        self.directory = directory
    }
}

/// `outpost_open(directory)`: makes the tables of a data directory readable on this connection.
private struct OpenStore: ScalarFunction {
    let name = "outpost_open"
    let argumentCount = 1
    let isDirectOnly = true
    let host: HostConnection

    func call(_ arguments: SQLArguments, _ result: SQLResult) throws {
        guard arguments[0].kind == .text else { throw SQLProblem("the argument is the path of a data directory") }
        try host.open(arguments[0].text)
        result.text(arguments[0].text)
    }
}
