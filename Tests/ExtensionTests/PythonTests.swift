import Platform
import TestSupport
import Testing

/// The extension in Debian's Python.
@Suite struct PythonTests {
    private func python(_ lines: String, _ arguments: String...) throws -> String {
        let directory = TemporaryDirectory()
        let head = """
            import sqlite3, sys, threading, gc
            def connect(path=':memory:', **options):
                connection = sqlite3.connect(path, **options)
                connection.enable_load_extension(True)
                connection.load_extension(sys.argv[1])
                return connection

            """
        try Files.write(Array((head + lines).utf8), to: directory.path + "/script.py")
        return try output("/usr/bin/python3", [directory.path + "/script.py", extensionPath] + arguments)
    }

    @Test func aLongConnectionSeesWhatArrivesLater() throws {
        let store = try Store()
        try store.add("a", 0..<100)
        let script = """
            connection = connect()
            connection.execute('SELECT outpost_open(?)', (sys.argv[2],)).fetchall()
            def count(): print(connection.execute('SELECT count(*), asof(?, 1000) FROM readings', ('a',)).fetchone(), flush=True)
            count()
            while connection.execute('SELECT count(*) FROM readings').fetchone()[0] < 150: pass
            count()
            """
        let answer = try withLateReadings(store) { try python(script, store.directory.path) }
        #expect(answer == "(100, 99.0)\n(150, 149.0)\n")
        store.stop()
    }

    /// More readings come after a moment.
    private func withLateReadings(_ store: Store, _ body: () throws -> String) throws -> String {
        let thread = try DedicatedThread("late") {
            _ = pollDescriptors([], until: Clocks.system.monotonic() + .milliseconds(700))
            try? store.add("a", 100..<150)
        }
        defer { thread.join() }
        return try body()
    }

    /// While a row of a statement is still to come, all statements of the connection see its moment.
    @Test func connectionsComeAndGoOnAnyThread() throws {
        let store = try Store()
        try store.add("a", 0..<1000)
        store.stop()
        let script = """
            def work():
                for _ in range(5):
                    connection = connect(check_same_thread=False)
                    connection.execute('SELECT outpost_open(?)', (sys.argv[2],))
                    rows = connection.execute('SELECT time, value FROM readings ORDER BY time DESC')
                    first = next(rows)
                    assert connection.execute('SELECT count(*) FROM readings').fetchone() == (1000,)
                    threading.Thread(target=lambda: connection.execute('SELECT max(time) FROM latest').fetchall()).start()
                    rows.close()
                    del connection, rows
                    gc.collect()
                sys.stdout.write(f'{first}\\n')
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            """
        #expect(try python(script, store.directory.path) == String(repeating: "(999, 999.0)\n", count: 4))
    }

    @Test func errorsAreExceptions() throws {
        let script = """
            connection = connect()
            for sql in ["SELECT time_bucket('x', 1)", "SELECT * FROM buckets('a')", "SELECT outpost_open('/nowhere')"]:
                try: connection.execute(sql).fetchall()
                except sqlite3.OperationalError as error: print(error)
            """
        let lines = try python(script).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("time_bucket: width is not a length of time: 'x'"))
        #expect(lines[1].hasPrefix("no such table: buckets"))
        #expect(lines[2].hasPrefix("outpost_open: /nowhere/journal.db is not there"))
    }
}
