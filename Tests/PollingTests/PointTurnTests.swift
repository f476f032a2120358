import Testing

@testable import Polling

private let second = SimulatedLine.second

@Suite struct PointTurnTests {
    /// The moments at which a point of each fifth request has its turn.
    private func turns(_ moments: [Int64], unanswered: Set<Int64> = [], everyNth: Int = 5) -> [Int64] {
        var turn = PointTurn()
        return moments.filter { turn.comes(at: $0, everyNth: everyNth, isAnswered: !unanswered.contains($0)) }
    }

    @Test func eachTime() {
        #expect(turns([0, 1, 2, 5, 6], everyNth: 1) == [0, 1, 2, 5, 6])
    }

    @Test func onceInEachPeriod() {
        #expect(turns(Array(0...16)) == [0, 5, 10, 15])
    }

    /// Whatever was made of the first moments, the first request has all points.
    @Test func theFirstRequestHasAllPoints() {
        #expect(turns(Array(7...16)) == [7, 10, 15])
    }

    /// Its own periods do not move with what was missed.
    @Test func aMissedMomentIsMadeUpForAtTheNext() {
        #expect(turns([0, 1, 4, 7, 9, 10, 11, 23, 24, 25]) == [0, 7, 10, 23, 25])
    }

    @Test func aLostAnswerIsMadeUpForByTheNext() {
        #expect(turns(Array(0...11), unanswered: [5]) == [0, 5, 6, 10])
        #expect(turns(Array(0...11), unanswered: [0]) == [0, 1, 5, 10])
    }

    /// In a long silence it is said to have no value as often as it would have had one, and no more.
    @Test func aSilenceIsSaidOnceInEachPeriod() {
        #expect(turns(Array(0...24), unanswered: Set(3...17)) == [0, 5, 10, 15, 18, 20])
    }

    /// The same while a line in virtual time loses moments: a value of a point of each tenth second is never older than that
    /// and what its request was late by.
    @Test func aPointKeepsItsPeriodOnALineThatIsTooSlow() {
        var line = SimulatedLine([task(1, .seconds(1)), task(2, .seconds(1))])
        // Each request has a turn each three seconds, or four.
        line.latency = { $0 == 1 ? 1_300 * SimulatedLine.millisecond : 1_900 * SimulatedLine.millisecond }
        line.run(seconds: 600)
        for index in 0..<2 {
            var turn = PointTurn()
            let taken = line.polls[index].map(\.began).filter {
                turn.comes(at: line.schedule.moment(of: index, at: $0), everyNth: 10, isAnswered: true)
            }
            #expect(line.polls[index].count < 240)
            #expect((59...61).contains(taken.count), "\(taken.count)")
            for (number, moment) in taken.enumerated().dropFirst() {
                #expect(moment >= Int64(number) * 10 * second)
                #expect(moment - Int64(number) * 10 * second <= 5 * second, "\(number)")
            }
        }
    }

    @Test func momentsHaveNumbers() {
        let schedule = LineSchedule([task(1, .seconds(1)), task(2, .seconds(1))], start: 77)
        #expect([77, 78, 77 + second - 1, 77 + second].map { schedule.moment(of: 0, at: $0) } == [0, 0, 0, 1])
        // The second one begins half a period later.
        #expect([77, 77 + second, 77 + second * 3 / 2].map { schedule.moment(of: 1, at: $0) } == [0, 0, 1])
    }
}
