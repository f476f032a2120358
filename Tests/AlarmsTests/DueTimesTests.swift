import TestSupport
import Testing

@testable import Alarms

@Suite struct DueTimesTests {
    @Test(arguments: 0..<20) func likeAList(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var (dues, list) = (DueTimes(), [Int64]())
        for _ in 0..<500 {
            let due: Int64 = Bool.random(using: &generator) ? .max : .random(in: -20...20, using: &generator)
            if list.isEmpty || Int.random(in: 0...3, using: &generator) == 0 {
                dues.append(due)
                list.append(due)
            } else {
                let index = Int.random(in: list.indices, using: &generator)
                dues[index] = due
                list[index] = due
            }
            #expect(dues.earliest == list.min() && list.indices.allSatisfy { dues[$0] == list[$0] })
            let (start, now) = (
                Int.random(in: 0...list.count, using: &generator), Int64.random(in: -25...25, using: &generator)
            )
            #expect(dues.first(from: start, at: now) == list.indices.first { $0 >= start && list[$0] <= now })
        }
        #expect(DueTimes().earliest == .max && DueTimes().first(from: 0, at: .max) == nil)
    }
}
