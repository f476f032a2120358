import TestSupport
import Testing

@testable import Polling

extension Point {
    /// An unsigned number of one register or two.
    static func at(
        _ address: UInt16, _ type: RegisterType = .u16, _ table: RegisterTable = .holding, scaleAt scale: UInt16? = nil,
        every: Duration = .seconds(1)
    ) -> Point {
        Point(table: table, address: address, type: type, scaleRegister: scale, every: every)
    }
}

/// The registers that requests read: "0+3 10+1".
private func text(_ planned: [PlannedRequest]) -> String {
    planned.map { "\($0.request.first)+\($0.request.count)" }.joined(separator: " ")
}

private func plan(
    _ points: [Point], _ limits: RequestLimits = RequestLimits(), cuts: LearntCuts = LearntCuts()
) -> [PlannedRequest] {
    Planner.plan(points, unit: 1, limits: limits, cuts: cuts)
}

@Suite struct PlannerTests {
    @Test(
        arguments: [
            ([], "", ""),
            ([Point.at(5)], "5+1", "one"),
            ([.at(0), .at(1), .at(2, .f32)], "0+4", "neighbours"),
            ([.at(2, .f32), .at(1), .at(0)], "0+4", "in any order"),
            ([.at(0), .at(17)], "0+18", "a hole of 16"),
            ([.at(0), .at(18)], "0+1 18+1", "a hole of 17"),
            ([.at(0), .at(0), .at(0)], "0+1", "the same"),
            ([.at(0, .u32), .at(1, .u32)], "0+3", "overlapping"),
            ([.at(0, .u64), .at(1), .at(2)], "0+4", "inside"),
            ([.at(2, scaleAt: 6), .at(3, scaleAt: 6)], "2+5", "with a power of ten"),
            ([.at(9, scaleAt: 1), .at(3)], "1+9", "with a power of ten before it"),
            ([.at(65_535), .at(65_534)], "65534+2", "the last registers"),
            ([.at(0, .bool, .coil), .at(1999, .bool, .coil)], "0+1 1999+1", "bits far apart"),
            ([.at(0, .bool, .coil), .at(257, .bool, .coil)], "0+258", "a hole of 256 bits"),
            ([.at(0, .bool, .coil), .at(258, .bool, .coil)], "0+1 258+1", "a hole of 257 bits"),
            ([.at(0), .at(1, .u16, .input), .at(2)], "0+3 1+1", "two tables"),
            ([.at(0, every: .seconds(1)), .at(1, every: .seconds(3))], "0+1 1+1", "two rates"),
        ] as [([Point], String, String)])
    func plans(points: [Point], expected: String, name: String) {
        #expect(text(plan(points)) == expected, "\(name)")
    }

    @Test func limitsOfADevice() {
        let points = (0..<300).map { Point.at(UInt16($0)) }
        #expect(text(plan(points)) == "0+125 125+125 250+50")
        #expect(text(plan(points, RequestLimits(mostRegisters: 100))) == "0+100 100+100 200+100")
        let floats = (0..<10).map { Point.at(UInt16(2 * $0), .f32) }
        // A value is never read in two halves.
        #expect(text(plan(floats, RequestLimits(mostRegisters: 5))) == "0+4 4+4 8+4 12+4 16+4")
        #expect(text(plan(floats, RequestLimits(mostRegisters: 1))).split(separator: " ").count == 10)
        #expect(text(plan([.at(0), .at(2)], RequestLimits(longestHole: 0))) == "0+1 2+1")
        #expect(text(plan([.at(0), .at(1)], RequestLimits(longestHole: 0))) == "0+2")
        let bits = (0..<4001).map { Point.at(UInt16($0), .bool, .discrete) }
        #expect(text(plan(bits, RequestLimits(mostRegisters: 10))) == "0+2000 2000+2000 4000+1")
    }

    @Test func eachByItself() {
        let points = [Point.at(0), .at(1), .at(1, every: .seconds(2)), .at(2, scaleAt: 4)]
        let planned = plan(points, RequestLimits(isSingle: true))
        #expect(text(planned) == "0+1 1+1 2+3 1+1")
        #expect(planned.allSatisfy { $0.parts.count == 1 && $0.parts[0].everyNth == 1 })
    }

    @Test func slowerOnesRideOnFasterOnes() {
        let points = [
            Point.at(0), .at(9), .at(4, every: .seconds(10)), .at(0, every: .seconds(2)),
            .at(5, every: .milliseconds(1500)),
            .at(9, .u32, every: .seconds(10)),
        ]
        let planned = plan(points)
        #expect(text(planned) == "0+10 5+1 9+2")
        #expect(planned[0].period == .seconds(1))
        #expect(
            planned[0].parts.map { "\($0.index) at \($0.offset), 1 of \($0.everyNth)" } == [
                "0 at 0, 1 of 1", "3 at 0, 1 of 2", "2 at 4, 1 of 10", "1 at 9, 1 of 1",
            ])
        #expect(planned[1].period == .milliseconds(1500))
        #expect(planned[2].parts == [PlannedRequest.Part(index: 5, offset: 0, scaleOffset: nil, everyNth: 1)])
    }

    @Test func powersOfTenAreInTheSameAnswer() {
        let planned = plan([.at(10, scaleAt: 14), .at(11, scaleAt: 8), .at(30)])
        #expect(text(planned) == "8+23")
        #expect(planned[0].parts.map(\.offset) == [2, 3, 22])
        #expect(planned[0].parts.map(\.scaleOffset) == [6, 0, nil])
    }

    // MARK: - Properties

    private static func points(_ random: inout SeededGenerator, count: Int, reach: Int) -> [Point] {
        (0..<count).map { _ in
            let table = RegisterTable.allCases.randomElement(using: &random)!
            let types: [RegisterType] = [.u16, .u16, .f32, .u64, .text]
            var point = Point.at(
                UInt16.random(in: 0..<UInt16(reach), using: &random),
                table.isBits ? .bool : types.randomElement(using: &random)!, table,
                every: .seconds([1, 1, 1, 2, 3, 10].randomElement(using: &random)!))
            point.textLength = Int.random(in: 1...6, using: &random)
            if !table.isBits, point.type != .text, Int.random(in: 0..<4, using: &random) == 0 {
                point.scaleRegister = point.address &+ UInt16.random(in: 0...5, using: &random)
            }
            return point
        }
    }

    private static func cuts(_ random: inout SeededGenerator, _ reach: Int) -> LearntCuts {
        let lines = (0..<Int.random(in: 0...6, using: &random)).map { _ in
            let table = RegisterTable.allCases.randomElement(using: &random)!
            return "1 \(table.rawValue) \(Int.random(in: 0..<reach, using: &random))"
        }
        return LearntCuts(text: lines.joined(separator: "\n"))
    }

    @Test(arguments: [0x91A9_0001, 0x91A9_0002, 0x91A9_0003] as [UInt64])
    func everyPlanIsRight(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<1000 {
            let reach = Int.random(in: 1...400, using: &random)
            let points = Self.points(&random, count: Int.random(in: 1...60, using: &random), reach: reach)
            let limits = RequestLimits(
                mostRegisters: Int.random(in: 10...125, using: &random),
                longestHole: Int.random(in: 0...20, using: &random),
                isSingle: Int.random(in: 0..<8, using: &random) == 0)
            let cuts = Self.cuts(&random, reach)
            let planned = plan(points, limits, cuts: cuts)
            let comment = "seed \(seed) round \(round)"
            #expect(
                planned.flatMap { $0.parts.map(\.index) }.sorted() == Array(points.indices),
                "every point once: \(comment)")
            for request in planned { Self.check(request, points, limits, cuts, comment) }
            if limits.isSingle { #expect(planned.count == points.count, "\(comment)") }
        }
    }

    private static func check(
        _ planned: PlannedRequest, _ points: [Point], _ limits: RequestLimits, _ cuts: LearntCuts, _ comment: String
    ) {
        let request = planned.request
        let most = request.table.isBits ? 2000 : limits.mostRegisters
        #expect(request.count >= 1 && Int(request.count) <= most, "\(comment)")
        var isAsked = [Bool](repeating: false, count: Int(request.count))
        for part in planned.parts {
            let point = points[part.index]
            #expect(point.table == request.table, "\(comment)")
            #expect(Int(request.first) + part.offset == Int(point.address), "\(comment)")
            #expect(part.scaleOffset.map { Int(request.first) + $0 } == point.scaleRegister.map(Int.init), "\(comment)")
            #expect(point.every == planned.period * part.everyNth, "\(comment)")
            for index in point.addresses.map({ $0 - Int(request.first) }) {
                #expect(isAsked.indices.contains(index), "\(comment)")
                isAsked[index] = true
            }
        }
        let hole = isAsked.split(separator: true).map(\.count).max() ?? 0
        #expect(hole <= limits.longestHole * (request.table.isBits ? 16 : 1), "\(comment)")
        #expect(isAsked.first == true && isAsked.last == true, "\(comment)")
        let offsets = planned.parts.map(\.offset)
        #expect(offsets == offsets.sorted(), "\(comment)")
        // A point that lies over a cut by itself is alone.
        if cuts.separate(1, request.table, from: request.addresses) {
            #expect(Set(planned.parts.map { points[$0.index].addresses }).count == 1, "\(comment)")
        }
    }

    /// All ways to join points that lie side by side, and the fewest requests among them.
    @Test(arguments: [0xB0B_0001, 0xB0B_0002] as [UInt64])
    func noneNeedsFewer(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<3000 {
            let count = Int.random(in: 1...8, using: &random)
            let points = (0..<count).map { _ in
                Point.at(
                    UInt16.random(in: 0...30, using: &random),
                    [.u16, .u32, .u64].randomElement(using: &random)!)
            }
            let limits = RequestLimits(
                mostRegisters: Int.random(in: 4...12, using: &random),
                longestHole: Int.random(in: 0...4, using: &random))
            let fewest = Self.fewest(points.map(\.addresses), limits)
            #expect(plan(points, limits).count == fewest, "seed \(seed) round \(round): \(points.map(\.addresses))")
        }
    }

    private static func fewest(_ spans: [Range<Int>], _ limits: RequestLimits) -> Int {
        var best = Int.max
        func assign(_ index: Int, _ groups: [[Range<Int>]]) {
            if groups.count >= best { return }
            guard index < spans.count else {
                if groups.allSatisfy({ isPossible($0, limits) }) { best = groups.count }
                return
            }
            for group in groups.indices {
                var groups = groups
                groups[group].append(spans[index])
                assign(index + 1, groups)
            }
            assign(index + 1, groups + [[spans[index]]])
        }
        assign(0, [])
        return best
    }

    private static func isPossible(_ spans: [Range<Int>], _ limits: RequestLimits) -> Bool {
        let sorted = spans.sorted { $0.lowerBound < $1.lowerBound }
        var end = sorted[0].upperBound
        for span in sorted {
            if span.lowerBound - end > limits.longestHole { return false }
            end = max(end, span.upperBound)
        }
        return end - sorted[0].lowerBound <= limits.mostRegisters
    }

    @Test func aThousandPoints() {
        let points = (0..<1000).map { Point.at(UInt16($0 * 2), .f32, .input) }
        let planned = plan(points)
        #expect(planned.count == 17)
        #expect(planned.allSatisfy { $0.request.count <= 125 })
    }
}
