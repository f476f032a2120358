import Testing

@testable import Polling

@Suite struct BudgetTests {
    private func near(_ one: Double, _ other: Double) -> Bool { abs(one - other) < 1e-9 }

    /// 9600 baud, even parity: 11 bits, 1.145833 ms a character.
    @Test func timesByHand() {
        let budget = LineBudget(SerialFormat())
        let character = 11.0 / 9600
        #expect(near(budget.silence, 3.5 * character))
        let one = ReadRequest(unit: 1, table: .holding, first: 0, count: 1)
        // 8 + 7 characters, and twice 3.5 of silence.
        #expect(near(budget.time(of: one), 22 * character + 0.005))
        #expect(near(budget.time(of: one, pause: .milliseconds(20)), 22 * character + 0.025))
        let most = ReadRequest(unit: 1, table: .input, first: 0, count: 125)
        #expect(near(budget.time(of: most), Double(8 + 255 + 7) * character + 0.005))
        let bits = ReadRequest(unit: 1, table: .coil, first: 0, count: 17)
        #expect(near(budget.time(of: bits), Double(8 + 8 + 7) * character + 0.005))
    }

    @Test(arguments: [
        (1200, SerialFormat.Parity.none, 1, 10.0 * 3.5 / 1200), (19_200, .even, 1, 11 * 3.5 / 19_200),
        (19_200, .none, 2, 11 * 3.5 / 19_200), (38_400, .even, 1, 0.001_75), (115_200, .none, 1, 0.001_75),
    ])
    func silences(baud: Int, parity: SerialFormat.Parity, stop: Int, silence: Double) {
        #expect(near(LineBudget(SerialFormat(baud: baud, parity: parity, stopBits: stop)).silence, silence))
    }

    @Test func loadsAddUp() {
        let budget = LineBudget(SerialFormat())
        let points = [
            Point(table: .input, address: 0, type: .f32, every: .seconds(1)),
            Point(table: .input, address: 100, type: .f32, every: .seconds(10)),
            Point(table: .input, address: 1, type: .u16, every: .seconds(2)),
        ]
        let planned = Planner.plan(points, unit: 1, limits: RequestLimits())
        #expect(planned.count == 2)
        let each = budget.time(of: planned[0].request)
        #expect(near(budget.load(of: planned), each + each / 10))
        #expect(near(budget.load(of: []), 0))
        #expect(near(budget.load(of: planned, pause: .seconds(1)), each + each / 10 + 1.1))
    }
}
