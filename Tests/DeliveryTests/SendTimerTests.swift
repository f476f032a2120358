import TestSupport
import Testing

@testable import Delivery

private let second = SimulatedUplink.second
private let minute = SimulatedUplink.minute
private let hour = SimulatedUplink.hour

@Suite struct SendTimerTests {
    // MARK: - The schedule

    @Test func everyIsOnAGridOfItsOwn() throws {
        var uplink = try SimulatedUplink(.every(.seconds(900)))
        uplink.run(for: 24 * hour)
        #expect(uplink.sent[0] < 1030 * second)
        let rest = uplink.sent.dropFirst().map { $0 % (900 * second) }
        #expect(Set(rest).count == 1)
        #expect((96...97).contains(uplink.sent.count))
        // Another start, another program: the same grid.
        var again = try SimulatedUplink(.every(.seconds(900)))
        again.run(for: 3 * hour)
        #expect(again.sent.last.map { $0 % (900 * second) } == rest.first)
    }

    @Test func aFleetIsSpread() throws {
        var counts = [Int](repeating: 0, count: 15)
        var starts: Set<Int64> = []
        for number in 0..<1500 {
            var uplink = try SimulatedUplink(.every(.seconds(900)), gateway: "press-hall-\(number)")
            uplink.run(for: 2 * hour)
            starts.insert(uplink.sent[0] / second)
            counts[Int((uplink.sent.last ?? 0) % (900 * second) / minute)] += 1
        }
        #expect(counts.allSatisfy { (60...140).contains($0) }, "\(counts)")
        #expect(starts.count == 30)
    }

    /// It is not made up for: the next attempt is on the grid again.
    @Test func anAttemptLongerThanTheInterval() throws {
        var uplink = try SimulatedUplink(.every(.seconds(60)))
        uplink.run(for: hour)
        uplink.duration = 150 * second
        uplink.run(for: hour)
        uplink.duration = second
        uplink.forget()
        uplink.run(for: hour)
        #expect((60...61).contains(uplink.sent.count))
        #expect(Set(uplink.sent.dropFirst(2).map { $0 % minute }).count == 1)
    }

    @Test func nothingWaits() throws {
        var uplink = try SimulatedUplink(.every(.seconds(60)))
        uplink.hasWork = false
        uplink.run(for: hour + 30 * second)
        #expect(uplink.sent == [])
        // What comes now waits for its moment.
        uplink.hasWork = true
        let start = uplink.now
        uplink.run(for: hour)
        #expect(uplink.sent.count == 60)
        #expect(uplink.sent[0] > start)
        #expect(uplink.asked < 300)
    }

    @Test func continuousIsWithinASecond() throws {
        var uplink = try SimulatedUplink(.continuous)
        for _ in 0..<100 {
            uplink.hasWork = false
            uplink.run(for: 3 * second)
            uplink.hasWork = true
            uplink.forget()
            let start = uplink.now
            uplink.run(for: second)
            #expect(uplink.sent.first == start)
            #expect((3...5).contains(uplink.sent.count))
        }
        // Without work it does not even wake up.
        uplink.hasWork = false
        uplink.forget()
        uplink.run(for: hour)
        #expect(uplink.asked == 1)
    }

    @Test func manualWaitsForSomebody() throws {
        var uplink = try SimulatedUplink(.manual, windows: ["03:00-03:01"])
        uplink.run(for: 10 * hour)
        uplink.timer.networkChanged()
        uplink.run(for: hour)
        #expect(uplink.sent == [])
        uplink.isAllowed = false
        uplink.timer.syncNow()
        let wished = uplink.now
        uplink.run(for: hour)
        #expect(uplink.sent == [wished])
        // With nothing to send the wish is fulfilled.
        uplink.hasWork = false
        uplink.timer.syncNow()
        uplink.run(for: minute)
        uplink.hasWork = true
        uplink.run(for: hour)
        #expect(uplink.sent == [wished])
    }

    /// Within the minute, and the same second each time.
    @Test(arguments: Zone.allCases) func cron(zone: Zone) throws {
        let schedule = try CronSchedule(parsing: "30 2,14 * * *")
        var uplink = try SimulatedUplink(.cron(schedule))
        uplink.zone = zone
        uplink.wallAhead = utc(2024, 3, 1) - uplink.now / 1000
        uplink.run(for: 60 * 24 * hour)
        var expected: [Int64] = []
        while let moment = Optional(schedule.next(after: expected.last ?? utc(2024, 3, 1), offset: zone.offset)),
            moment < uplink.wall
        {
            expected.append(moment)
        }
        let walls = uplink.walls()
        #expect(walls.count == expected.count)
        #expect(Set(zip(walls, expected).map { $0 - $1 }).count == 1)
        #expect((0..<30_000_000).contains(walls[0] - expected[0]))
    }

    // MARK: - The wall clock jumps

    @Test func aClockThatIsSetForwardOverMoments() throws {
        var uplink = try SimulatedUplink(.cron(try CronSchedule(parsing: "0 * * * *")))
        uplink.run(for: 10 * hour - 30 * minute)
        #expect(uplink.sent.count == 10)
        uplink.forget()
        // From 1970 to now, or by years: one attempt, and then as always.
        uplink.wallAhead += 5 * 366 * 86_400_000_000
        uplink.run(for: minute)
        #expect(uplink.sent.count == 1)
        uplink.run(for: 10 * hour)
        #expect(uplink.sent.count == 11)
    }

    @Test func aClockThatIsSetBack() throws {
        for (jump, count) in [
            (10 * minute, 9...10), (2 * hour, 8...8), (4 * hour, 10...10), (24 * 3650 * hour, 10...10),
        ] {
            var uplink = try SimulatedUplink(.cron(try CronSchedule(parsing: "0 * * * *")))
            uplink.run(for: 10 * hour + 5 * minute)
            uplink.forget()
            uplink.wallAhead -= jump / 1000
            uplink.run(for: 10 * hour)
            #expect(count.contains(uplink.sent.count), "\(jump / minute): \(uplink.sent.count)")
        }
    }

    /// Whatever the clock does, the attempts are neither many nor few.
    @Test(arguments: 0..<40 as Range<UInt64>) func aClockThatJumps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var uplink = try SimulatedUplink(.cron(try CronSchedule(parsing: "*/10 * * * *")), seed: seed)
        for _ in 0..<2000 {
            let range: Int64 =
                [20_000_000, 3_600_000_000, 400_000_000_000, .max / 4].randomElement(using: &random) ?? 1
            uplink.wallAhead += .random(in: -range...range, using: &random)
            uplink.wallAhead = min(max(uplink.wallAhead, -.max / 4), .max / 4)
            uplink.run(for: .random(in: 0...2 * minute, using: &random))
        }
        for (left, right) in zip(uplink.sent, uplink.sent.dropFirst()) {
            #expect(right - left >= 30 * second, "seed \(seed)")
        }
        // Once it goes as it should there are six an hour, soon.
        uplink.wallAhead = utc(2030, 1, 1)
        uplink.run(for: 4 * hour)
        uplink.forget()
        uplink.run(for: 10 * hour)
        #expect(uplink.sent.count == 60, "seed \(seed)")
    }

    // MARK: - Windows and conditions

    @Test(arguments: Zone.allCases) func windows(zone: Zone) throws {
        var uplink = try SimulatedUplink(.every(.seconds(900)), windows: ["Mon-Fri 22:00-06:00", "12:00-12:30"])
        uplink.zone = zone
        uplink.wallAhead = utc(2024, 3, 1) - uplink.now / 1000
        uplink.run(for: 60 * 24 * hour)
        let windows = try [
            SendWindow(parsing: "Mon-Fri 22:00-06:00"), SendWindow(parsing: "12:00-12:30"),
        ]
        for wall in uplink.walls() {
            let local = wall / 1_000_000 + Int64(zone.offset(at: wall))
            #expect(windows.contains { $0.contains(local) })
        }
        // Five nights a week of 32 each, seven noons of two; and what has waited comes as each opens.
        let week = Double(5 * 32 + 7 * 2) / 7
        #expect(abs(Double(uplink.sent.count) / 60 - week) < 2, "\(uplink.sent.count)")
    }

    /// What is due waits for the conditions, and comes as soon as they hold.
    @Test func conditions() throws {
        var uplink = try SimulatedUplink(.cron(try CronSchedule(parsing: "0 2 * * *")))
        uplink.run(for: hour)
        uplink.isAllowed = false
        uplink.run(for: 30 * hour)
        #expect(uplink.sent == [])
        uplink.isAllowed = true
        let start = uplink.now
        uplink.run(for: minute)
        #expect(uplink.sent == [start])
        #expect(uplink.asked < 3000)
    }

    @Test func anAttemptThatIsLong() throws {
        var uplink = try SimulatedUplink(.every(.seconds(900)), windows: ["01:00-02:00"])
        func now(_ hour: Int, _ minute: Int, isAllowed: Bool = true) -> SendTimer.Now {
            SendTimer.Now(monotonic: 0, wall: utc(2024, 1, 15, hour, minute), isAllowed: isAllowed, hasWork: true)
        }
        uplink.run(for: hour + 2 * minute)
        #expect(uplink.sent.count == 1)
        #expect(uplink.timer.mayGoOn(now(1, 59), offset: Zone.utc.offset))
        #expect(!uplink.timer.mayGoOn(now(1, 59, isAllowed: false), offset: Zone.utc.offset))
        #expect(!uplink.timer.mayGoOn(now(2, 0), offset: Zone.utc.offset))
        // What somebody wants goes on.
        uplink.timer.syncNow()
        uplink.run(for: 1)
        #expect(uplink.timer.mayGoOn(now(2, 0, isAllowed: false), offset: Zone.utc.offset))
    }

    @Test func whatWasStoppedGoesOnAsTheNextWindowOpens() throws {
        var uplink = try SimulatedUplink(.cron(try CronSchedule(parsing: "30 1 * * *")), windows: ["01:00-02:00"])
        uplink.outcome = .stopped
        uplink.duration = hour
        uplink.run(for: 20 * hour)
        #expect(uplink.sent.count == 1)
        uplink.outcome = .arrived
        uplink.run(for: 8 * hour)
        #expect(uplink.sent.count == 2)
        #expect((utc(2024, 1, 16, 1)..<utc(2024, 1, 16, 1, 1)).contains(uplink.walls()[1]))
    }

    // MARK: - Failures

    @Test(arguments: 0..<20 as Range<UInt64>) func failures(seed: UInt64) throws {
        var uplink = try SimulatedUplink(.every(.seconds(900)), seed: seed)
        uplink.outcome = .failed()
        uplink.run(for: 24 * hour)
        // After the first few, 150 seconds on average.
        #expect((500...700).contains(uplink.sent.count), "seed \(seed): \(uplink.sent.count)")
        let pauses = zip(uplink.sent.dropFirst(), uplink.sent).map { $0 - $1 }
        #expect(pauses.allSatisfy { $0 <= 301 * second })
        for (index, pause) in pauses.prefix(8).enumerated() {
            #expect(pause <= (4 * second) << Int64(index) + second, "seed \(seed)")
        }
        uplink.outcome = .arrived
        uplink.run(for: 6 * minute)
        uplink.forget()
        uplink.run(for: 9 * hour)
        #expect(uplink.sent.count == 36)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func theFarEndAsksToWait(seed: UInt64) throws {
        var uplink = try SimulatedUplink(.every(.seconds(60)), seed: seed)
        for (asked, least) in [(hour, hour), (1, 0), (100 * 24 * hour, 24 * hour), (.max, 24 * hour), (.min, 0)] {
            uplink.outcome = .failed(asked: asked)
            uplink.forget()
            while uplink.sent.isEmpty { uplink.run(for: second / 10) }
            let told = uplink.now
            uplink.forget()
            uplink.outcome = .arrived
            // A new network changes nothing of it.
            uplink.run(for: second)
            uplink.timer.networkChanged()
            uplink.run(for: 48 * hour)
            let next = try #require(uplink.sent.first)
            #expect(next >= told + least && next <= told + least + 5 * second, "seed \(seed), \(asked)")
        }
        // A person is not told to wait.
        uplink.outcome = .failed(asked: hour)
        uplink.run(for: minute)
        uplink.forget()
        uplink.timer.syncNow()
        uplink.run(for: second)
        #expect(uplink.sent.count == 1)
    }

    /// Somebody's wish that fails is tried again until what waits has arrived, as other attempts are.
    @Test func aWishThatFails() throws {
        var uplink = try SimulatedUplink(.manual)
        uplink.outcome = .failed()
        uplink.timer.syncNow()
        uplink.run(for: hour)
        #expect(uplink.sent.count > 10)
        uplink.isAllowed = false
        uplink.forget()
        uplink.run(for: hour)
        #expect(uplink.sent == [])
        uplink.isAllowed = true
        uplink.outcome = .arrived
        uplink.run(for: 24 * hour)
        #expect(uplink.sent.count == 1)
    }

    /// Settings that no configuration would let pass.
    @Test func intervalsThatMakeNoSense() throws {
        for interval in [Duration.zero, .seconds(-5), .nanoseconds(1), .seconds(Int64.max), .seconds(Int64.min)] {
            var uplink = try SimulatedUplink(.every(interval))
            uplink.duration = 10 * second
            uplink.run(for: hour)
            #expect(uplink.sent.count <= 361)
            #expect(uplink.sent.count > 0)
        }
    }

    @Test func aWrongTokenIsTriedSeldom() throws {
        var uplink = try SimulatedUplink(.continuous)
        uplink.outcome = .refused
        uplink.run(for: 10 * hour)
        #expect((60...122).contains(uplink.sent.count), "\(uplink.sent.count)")
    }

    /// At the return after an outage the first try comes from the network, not from the pause's end.
    @Test(arguments: 0..<50 as Range<UInt64>) func theNetworkComesBack(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var uplink = try SimulatedUplink(.every(.seconds(60)), seed: seed)
        uplink.outcome = .failed()
        uplink.run(for: .random(in: hour...2 * hour, using: &random))
        // As it comes up, step by step: the first tries are too early.
        let start = uplink.now
        uplink.forget()
        for _ in 0..<5 {
            uplink.timer.networkChanged()
            uplink.run(for: .random(in: 0...second, using: &random))
        }
        #expect(uplink.sent.count <= 6, "seed \(seed)")
        uplink.outcome = .arrived
        uplink.timer.networkChanged()
        uplink.run(for: 4 * second)
        #expect(uplink.sent.last.map { $0 - start <= 9 * second } == true, "seed \(seed)")
        // And with no failure before it a change means nothing.
        uplink.run(for: minute)
        uplink.forget()
        for _ in 0..<30 {
            uplink.timer.networkChanged()
            uplink.run(for: 2 * second)
        }
        #expect(uplink.sent.count == 1)
    }

    /// What comes up may take a while longer: after a change of the network the pauses are short again.
    @Test(arguments: 0..<20 as Range<UInt64>) func theNetworkIsNotQuiteBack(seed: UInt64) throws {
        var uplink = try SimulatedUplink(.every(.seconds(900)), seed: seed)
        uplink.outcome = .failed()
        uplink.run(for: 10 * hour)
        uplink.forget()
        uplink.timer.networkChanged()
        // At once, and after up to 4, 8 and 16 seconds.
        uplink.run(for: 3 * second + 28 * second + 4 * uplink.duration)
        #expect(uplink.sent.count >= 4, "seed \(seed)")
    }

    // MARK: - Adaptive

    @Test func adaptiveFollowsTheLink() throws {
        var uplink = try SimulatedUplink(.adaptive(LinkBands()))
        for (bytes, latency, interval) in [
            (10_000_000, 1, 10), (50_000, 100, 30), (10_000, 900, 300), (10_000_000, 1, 10),
        ] {
            uplink.measured = (bytes, second, Int64(latency) * second / 1000)
            uplink.run(for: 6 * hour)
            uplink.forget()
            uplink.run(for: hour)
            let pauses = Set(zip(uplink.sent.dropFirst(), uplink.sent).map { $0 - $1 })
            #expect(pauses == [Int64(interval) * second], "\(interval)")
        }
    }

    @Test func offlineNothingIsSent() throws {
        var uplink = try SimulatedUplink(.adaptive(LinkBands()))
        uplink.run(for: hour)
        uplink.outcome = .failed()
        uplink.run(for: 3 * hour)
        #expect(uplink.timer.quality?.band == .offline)
        uplink.forget()
        uplink.run(for: 3 * hour)
        #expect(uplink.sent == [])
        #expect(uplink.probed.count > 30)
        // An answer to a probe, and what waits is sent at once.
        uplink.outcome = .arrived
        uplink.forget()
        uplink.run(for: 301 * second)
        #expect(uplink.probed.count == 1)
        #expect(uplink.sent.first == uplink.probed.first.map { $0 + uplink.duration })
        // Another network is as good as an answer.
        uplink.outcome = .failed()
        uplink.run(for: 3 * hour)
        uplink.forget()
        let start = uplink.now
        uplink.outcome = .arrived
        uplink.timer.networkChanged()
        uplink.run(for: 3 * second)
        #expect(uplink.probed == [])
        #expect(uplink.sent.first.map { $0 - start < 3 * second } == true)
    }
}
