import TestSupport
import Testing

@testable import Polling

/// A device that has only some registers, and refuses every request that touches another one.
private struct PatchyDevice {
    var forbidden: Set<Int>

    func refuses(_ addresses: Range<Int>) -> Bool { addresses.contains { forbidden.contains($0) } }
}

@Suite struct LearntCutsTests {
    /// Plans and asks until nothing is left to learn; gives the last plan, and how many refusals it took.
    private func learn(
        _ points: [Point], _ device: PatchyDevice, _ limits: RequestLimits
    ) -> (planned: [PlannedRequest], cuts: LearntCuts, refusals: Int) {
        var cuts = LearntCuts()
        var refusals = 0
        while true {
            let planned = Planner.plan(points, unit: 1, limits: limits, cuts: cuts)
            guard
                let refused = planned.first(where: { planned in
                    guard device.refuses(planned.request.addresses) else { return false }
                    var more = cuts
                    return more.learn(from: planned, points)
                })
            else { return (planned, cuts, refusals) }
            _ = cuts.learn(from: refused, points)
            refusals += 1
            if refusals > 1000 { return (planned, cuts, refusals) }
        }
    }

    /// What is read in the end is what can be read.
    private func check(_ points: [Point], _ device: PatchyDevice, _ limits: RequestLimits, _ comment: String) {
        let (planned, cuts, refusals) = learn(points, device, limits)
        #expect(refusals <= 2 * points.count, "\(comment)")
        for request in planned where device.refuses(request.request.addresses) {
            for part in request.parts {
                #expect(device.refuses(points[part.index].addresses), "\(comment): \(points[part.index].addresses)")
            }
        }
        // After a restart, too.
        let again = LearntCuts(text: cuts.text)
        #expect(again == cuts)
        #expect(Planner.plan(points, unit: 1, limits: limits, cuts: again) == planned)
    }

    @Test func aHoleIsLearnt() {
        let points = [Point.at(0), .at(1), .at(10), .at(11), .at(13)]
        let device = PatchyDevice(forbidden: [5])
        let (planned, cuts, refusals) = learn(points, device, RequestLimits())
        #expect(refusals == 1)
        #expect(planned.map(\.request.first) == [0, 10])
        #expect(planned.map(\.request.count) == [2, 4])
        #expect(cuts.text == "1 holding 10\n")
    }

    @Test func aPointThatIsNotThereIsAlone() {
        let points = (0..<16).map { Point.at(UInt16($0)) }
        let (planned, _, refusals) = learn(points, PatchyDevice(forbidden: [6]), RequestLimits())
        #expect(refusals == 4)
        #expect(planned.contains { $0.request.first == 6 && $0.request.count == 1 })
        #expect(planned.count <= 6)
    }

    @Test func aSinglePointTeachesNothing() {
        let points = [Point.at(3, .f32)]
        var cuts = LearntCuts()
        let planned = Planner.plan(points, unit: 1, limits: RequestLimits())
        let hasLearnt = cuts.learn(from: planned[0], points)
        #expect(!hasLearnt)
        #expect(cuts.isEmpty)
        let same = [Point.at(3, .f32), .at(3, .u32)]
        let hasLearntAgain = cuts.learn(from: Planner.plan(same, unit: 1, limits: RequestLimits())[0], same)
        #expect(!hasLearntAgain)
    }

    /// SunSpec: many numbers with one power of ten behind them.
    @Test func overlappingPointsAreToldApart() {
        let points = [Point.at(2, scaleAt: 6), .at(3, scaleAt: 6), .at(4, scaleAt: 6), .at(5, scaleAt: 6)]
        check(points, PatchyDevice(forbidden: [2]), RequestLimits(), "the first")
        check([.at(0), .at(0, .u64)], PatchyDevice(forbidden: [3]), RequestLimits(), "the same beginning")
        check([.at(3), .at(0, .u64)], PatchyDevice(forbidden: [0]), RequestLimits(), "the same end")
        check([.at(1, .u32), .at(0, .u64)], PatchyDevice(forbidden: [0]), RequestLimits(), "inside")
    }

    /// A slower point does not share the fate of the request that it rides on.
    @Test func ridersGetOff() {
        let points = [Point.at(0, .u64), .at(2, every: .seconds(2))]
        check(points, PatchyDevice(forbidden: [0]), RequestLimits(), "inside")
        let (planned, _, _) = learn(points, PatchyDevice(forbidden: [0]), RequestLimits())
        #expect(planned.map(\.request.first) == [0, 2])
    }

    @Test(arguments: [0xC07_0001, 0xC07_0002] as [UInt64])
    func everyDeviceIsLearnt(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<500 {
            let reach = Int.random(in: 4...80, using: &random)
            let points = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                var point = Point.at(
                    UInt16.random(in: 0..<UInt16(reach), using: &random),
                    [.u16, .u16, .f32, .u64].randomElement(using: &random)!,
                    every: .seconds([1, 1, 2].randomElement(using: &random)!))
                if Int.random(in: 0..<5, using: &random) == 0 {
                    point.scaleRegister = UInt16.random(in: point.address...(point.address + 5), using: &random)
                }
                return point
            }
            let forbidden = (0..<Int.random(in: 0...4, using: &random)).flatMap { _ in
                let first = Int.random(in: 0..<reach, using: &random)
                return first...(first + Int.random(in: 0...5, using: &random))
            }
            let limits = RequestLimits(mostRegisters: Int.random(in: 10...125, using: &random))
            check(points, PatchyDevice(forbidden: Set(forbidden)), limits, "seed \(seed) round \(round)")
        }
    }

    // MARK: - As text

    @Test func cutsAreOfOneUnitAndTable() {
        let cuts = LearntCuts(text: "1 holding 10\n2 input 20\n1 coil 7\n")
        #expect(cuts.text == "1 coil 7\n1 holding 10\n2 input 20\n")
        #expect(cuts.separate(1, .holding, from: 9..<11))
        #expect(!cuts.separate(1, .holding, from: 10..<20))
        #expect(!cuts.separate(1, .holding, from: 0..<10))
        #expect(!cuts.separate(2, .holding, from: 0..<100))
        #expect(!cuts.separate(1, .input, from: 0..<100))
        #expect(cuts.separate(2, .input, from: 0..<100))
    }

    @Test(arguments: [
        "", "\n\n", "garbage", "1 holding", "1 holding 10 11", "256 holding 10", "-1 holding 10", "1 holdings 10",
        "1 holding 65536", "1 holding -1", "1 holding ten", "\u{0}\u{1}\u{FFFD}", "1\u{00A0}holding\u{00A0}10",
    ])
    func garbageIsIgnored(text: String) {
        #expect(LearntCuts(text: text).isEmpty)
        #expect(LearntCuts(text: text + "\n3 input 5\n" + text).text == "3 input 5\n")
    }
}
