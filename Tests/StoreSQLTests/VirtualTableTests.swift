import SQLite
import Testing

/// A table of the numbers from 0, which counts how often it is asked for the next and fails where told.
private final class Numbers: VirtualTable {
    struct Broken: Error, CustomStringConvertible {
        var description: String { "the disk is 100% broken" }
    }

    let declaration = "CREATE TABLE x(number INTEGER, absent, half REAL, name TEXT, broken HIDDEN)"
    var last: Int64 = 1000
    var failsAt: Int64?
    private(set) var steps = 0

    func plan(_ use: TableUse) -> TablePlan? {
        TablePlan(
            rows: 1000, cost: 1000,
            isOrdered: use.order.count == 1 && use.order[0].column == 0 && !use.order[0].descending)
    }

    func open() throws -> any TableCursor {
        if failsAt == -2 { throw Broken() }
        return Rows(self)
    }

    private final class Rows: TableCursor {
        private let table: Numbers
        private var number: Int64 = -1

        init(_ table: Numbers) { self.table = table }

        func start(_ number: Int, _ conditions: TableConditions) throws {
            if table.failsAt == -1 { throw Broken() }
            self.number = -1
        }

        func next() throws -> Bool {
            table.steps += 1
            number += 1
            if number == table.failsAt { throw Broken() }
            return number <= table.last
        }

        func column(_ column: Int, _ result: SQLResult) throws {
            switch column {
            case 0: result.integer(number)
            case 1: result.null()
            case 2: result.real(Double(number) / 2)
            case 3: result.text(number == 0 ? "" : "n\u{0}\(number)")
            default: throw Broken()
            }
        }
    }
}

@Suite struct VirtualTableTests {
    private let numbers = Numbers()
    private let connection: Connection

    init() throws {
        connection = try Connection("numbers", .memory)
        try connection.register(numbers, as: "numbers")
    }

    private func ask(_ sql: String) throws -> [[SQLValue]] {
        let statement = try connection.prepare(sql)
        var rows: [[SQLValue]] = []
        while try statement.step() { rows.append(statement.columnNames.indices.map { statement.value($0) }) }
        return rows
    }

    @Test func everyKindOfValueArrives() throws {
        #expect(
            try ask("SELECT * FROM numbers LIMIT 2") == [
                [.integer(0), .null, .real(0), .text("")], [.integer(1), .null, .real(0.5), .text("n\u{0}1")],
            ])
    }

    @Test func aLimitStopsAtOnce() throws {
        #expect(
            try ask("SELECT number FROM numbers ORDER BY number LIMIT 3 OFFSET 2") == [2, 3, 4].map { [.integer($0)] })
        #expect(numbers.steps <= 6)
        #expect(try ask("SELECT EXISTS (SELECT 1 FROM numbers WHERE number = 7)") == [[.integer(1)]])
        #expect(numbers.steps <= 6 + 9)
    }

    @Test func anOrderThatTheTableHasNotIsSorted() throws {
        numbers.last = 4
        #expect(try ask("SELECT number FROM numbers ORDER BY number DESC LIMIT 2") == [[.integer(4)], [.integer(3)]])
    }

    @Test func aTableCanBeEmpty() throws {
        numbers.last = -1
        #expect(try ask("SELECT * FROM numbers") == [])
        #expect(try ask("SELECT count(*), max(number) FROM numbers") == [[.integer(0), .null]])
    }

    @Test func eachUseHasRowsOfItsOwn() throws {
        numbers.last = 9
        #expect(
            try ask("SELECT count(*) FROM numbers a, numbers b, numbers c WHERE a.number < b.number") == [
                [.integer(450)]
            ])
        let one = try connection.prepare("SELECT number FROM numbers")
        let other = try connection.prepare("SELECT number FROM numbers")
        for expected in Int64(0)..<5 {
            for statement in [one, other] {
                #expect(try statement.step())
                #expect(statement.integer(0) == expected)
            }
        }
        one.reset()
        #expect(try one.step())
        #expect(one.integer(0) == 0)
    }

    @Test func anErrorOfAColumnIsTheStatements() throws {
        let error = #expect(throws: SQLiteError.self) { try ask("SELECT broken FROM numbers") }
        #expect(error?.message == "the disk is 100% broken")
    }

    @Test(arguments: [-2, -1, 0, 5]) func anErrorBecomesTheStatements(failsAt: Int64) throws {
        numbers.failsAt = failsAt
        let error = #expect(throws: SQLiteError.self) { try ask("SELECT * FROM numbers") }
        #expect(error?.message == "the disk is 100% broken")
        numbers.failsAt = nil
        #expect(try ask("SELECT count(*) FROM numbers") == [[.integer(1001)]])
    }

    @Test func aTableEndsWithItsConnection() throws {
        weak var table: Numbers?
        do {
            let connection = try Connection("short", .memory)
            let numbers = Numbers()
            table = numbers
            try connection.register(numbers, as: "numbers")
            let statement = try connection.prepare("SELECT * FROM numbers")
            #expect(try statement.step())
        }
        #expect(table == nil)
    }
}

@Suite struct ConnectionTests {
    private let connection: Connection

    init() throws { connection = try Connection("test", .memory) }

    @Test(
        arguments: [
            .null, .integer(.min), .real(-0.5), .real(.infinity), .text(""), .text("a\u{0}b"), .text("e\u{301}"),
            .blob([]), .blob([0, 255]),
        ] as [SQLValue])
    func whatIsBoundComesBack(value: SQLValue) throws {
        let statement = try connection.prepare("SELECT ?")
        statement.bind(0, value)
        #expect(try statement.step())
        #expect(statement.value(0) == value)
        #expect(try !statement.step())
    }

    @Test func aTransactionStaysWholeOrNotAtAll() throws {
        struct Stop: Error {}
        try connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
        #expect(throws: SQLiteError.self) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES(1)")
                try connection.execute("INSERT INTO t VALUES(1)")
            } failed: {
                $0
            }
        }
        #expect(throws: Stop.self) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES(2)")
                throw Stop()
            } failed: { _ in
                Stop()
            }
        }
        try connection.transaction {
            try connection.execute("INSERT INTO t VALUES(3)")
        } failed: {
            $0
        }
        let rows = try connection.prepare("SELECT a FROM t")
        #expect(try rows.step())
        #expect(rows.integer(0) == 3)
        #expect(try !rows.step())
    }

    @Test func anErrorSaysWhatAndAboutWhat() throws {
        let error = #expect(throws: SQLiteError.self) { try connection.execute("SELECT * FROM nowhere") }
        #expect(error?.description == "SELECT * FROM nowhere: no such table: nowhere")
        let missing = #expect(throws: SQLiteError.self) { try Connection("/nowhere/file.db", .readOnly) }
        #expect(missing?.message == "unable to open database file")
        #expect(missing?.description == "/nowhere/file.db: unable to open database file")
    }

    @Test func theFirstStatementLeavesTheRest() throws {
        let (statement, rest) = try #require(try connection.prepareFirst(of: ";; SELECT 'ä;'; SELECT 2"))
        #expect(try statement.step())
        #expect(statement.text(0) == "ä;")
        #expect(rest == " SELECT 2")
        #expect(try connection.prepareFirst(of: " -- nothing") == nil)
        #expect(throws: SQLiteError.self) { try connection.prepare("-- nothing") }
    }
}
