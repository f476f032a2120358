import Demo
import Foundation
import Platform
import TestSupport
import Testing

/// The released binary against the real broker: what was acknowledged, or is still owed, ends up in the store, once.
@Suite(.serialized) struct NothingIsLostTests {
    /// Message n: its value is n, its time is n microseconds after a fixed moment.
    private static func message(_ number: Int) -> Publisher.Message? {
        Publisher.Message("json/\(number % 20)", "{\"v\":\(number),\"ts\":\(1_700_000_000_000_000 + number)}")
    }

    /// Waits until the store holds so many readings, then looks at each of them.
    private func expectAll(_ count: Int, _ site: Site) {
        let isComplete = eventually(within: 60) {
            site.query("SELECT count(*) FROM readings") == ["\(count)"]
        }
        #expect(isComplete, "\(site.query("SELECT count(*) FROM readings")) of \(count) are there")
        let wrong = site.query(
            """
            SELECT series, time, value FROM readings WHERE value IS NOT time - 1700000000000000
            OR series IS NOT 'json/' || (CAST(value AS INTEGER) % 20) OR quality IS NOT 'good' LIMIT 5
            """)
        #expect(wrong == [])
    }

    /// With short pauses between commits a kill falls now before one, now between one and its acknowledgements.
    @Test func fiftyKillsInABurst() throws {
        let site = try Site(commitEvery: "20ms")
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        // The broker keeps what it owes from the first subscription on.
        var gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort, rate: 2000, Self.message)
        for _ in 0..<50 {
            let moment = Clocks.system.monotonic() + .milliseconds(Int64.random(in: 0..<400, using: &generator))
            _ = pollDescriptors([], until: moment)
            _ = gateway.stop(signal: SIGKILL)
            gateway = try site.startGateway()
        }
        let sent = try #require(publisher.finish(), "seed \(seed): \(publisher.failure ?? "not all was taken")")
        #expect(sent > 10_000)
        #expect(gateway.isReady())
        expectAll(sent, site)
        #expect(gateway.stop() == 0)
        #expect(site.query("SELECT count(*) FROM dead_letters") == ["0"])
    }

    @Test func aBurstCutByTermination() throws {
        let site = try Site()
        var gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort) { $0 < 60_000 ? Self.message($0) : nil }
        for _ in 0..<3 {
            let target = publisher.sent + 5000
            #expect(eventually { publisher.sent > target })
            #expect(gateway.stop() == 0)
            gateway = try site.startGateway()
        }
        let sent = try #require(publisher.waitForEnd(), "\(publisher.failure ?? "not all was taken")")
        expectAll(sent, site)
        #expect(gateway.stop() == 0)
    }

    /// Readings that are stamped on arrival: what the broker repeats after a lost connection is there once all the same.
    @Test func connectionsThatEndInABurst() throws {
        let site = try Site()
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort, rate: 1000) {
            Publisher.Message("number/\($0 % 10)", "\($0)")
        }
        for round in 1...8 {
            let target = publisher.sent + 300
            #expect(eventually { publisher.sent > target })
            try takeOverSession(ofClient: "outpost-under-test-plant", port: site.brokerPort)
            #expect(eventually { gateway.log.components(separatedBy: "session resumed").count > round })
        }
        let sent = try #require(publisher.finish())
        #expect(eventually { site.query("SELECT count(DISTINCT value) FROM readings") == ["\(sent)"] })
        #expect(site.query("SELECT count(*) FROM readings") == ["\(sent)"])
        let status = outpost("status", "--data", site.data).output
        let line = status.split(separator: "\n").first { $0.contains("outpost_mqtt_messages_total") }
        let received = line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
        #expect(received > sent, "nothing came twice: the test tests nothing")
        #expect(gateway.stop() == 0)
    }

    @Test func theBrokerComesLateGoesAndComesBack() throws {
        let site = try Site(startsBroker: false)
        let gateway = try site.startGateway()
        #expect(gateway.isReady())
        #expect(gateway.logs("cannot connect to mqtt://127.0.0.1:\(site.brokerPort): Connection refused"))
        try site.startBroker()
        #expect(gateway.isConnected())
        var sent = 0
        for round in 0..<3 {
            if round > 0 {
                site.stopBroker(signal: round == 1 ? SIGTERM : SIGKILL)
                #expect(eventually { gateway.log.components(separatedBy: "lost mqtt://").count > round })
                try site.startBroker()
                #expect(
                    eventually(within: 60) { gateway.log.components(separatedBy: "connected to").count > round + 1 })
            }
            let first = sent
            let publisher = try Publisher(port: site.brokerPort) { $0 < 500 ? Self.message(first + $0) : nil }
            sent += try #require(publisher.waitForEnd())
            expectAll(sent, site)
        }
        #expect(gateway.stop() == 0)
    }

    @Test func aDiskThatTakesTwoSecondsForEachSync() throws {
        let site = try Site()
        let library = try slowSync(in: site.directory, milliseconds: 2000)
        var gateway = try site.startGateway(preload: library)
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort, rate: 1000, Self.message)
        #expect(eventually { publisher.sent > 5000 })
        // Killed with thousands of messages read, and none of the last seconds' acknowledged.
        _ = gateway.stop(signal: SIGKILL)
        gateway = try site.startGateway()
        let sent = try #require(publisher.finish())
        expectAll(sent, site)
        #expect(gateway.stop() == 0)
    }

    /// A number is its own moment of publication; its time in the store is the moment of its decoding.
    @Test func readingNeverWaitsForTheDisk() throws {
        let site = try Site()
        let gateway = try site.startGateway(preload: try slowSync(in: site.directory, milliseconds: 2000))
        #expect(gateway.isConnected())
        // Long enough that the first thousands have to be acknowledged while others come.
        let publisher = try Publisher(port: site.brokerPort, rate: 1000) { number in
            number < 14_000 ? Publisher.Message("number/\(number % 10)", "\(Clocks.system.wall())") : nil
        }
        #expect(publisher.waitForEnd() == 14_000)
        #expect(eventually(within: 60) { site.query("SELECT count(*) FROM readings") == ["14000"] })
        let latencies = site.query("SELECT CAST(time - value AS INTEGER) FROM readings").compactMap(Int.init).sorted()
        print(
            "published to decoded, each sync taking 2 s: median \(latencies[7000]) us, p99 \(latencies[13_860]) us, "
                + "worst \(latencies[13_999]) us")
        // The aim is 100 ms. A machine that is busy with other tests may be late; a gateway that waits for its disk is
        // late by whole syncs.
        #expect(latencies[13_860] < 100_000)
        #expect(latencies[13_999] < 1_000_000)
        #expect(gateway.stop() == 0)
    }

    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root")) func aDiskThatIsFullAndFreedLater()
        throws
    {
        let disk = try SmallDisk(megabytes: 6)
        let site = try Site(data: disk.path + "/data")
        let gateway = try site.startGateway()
        #expect(gateway.isConnected())
        var sent = 0
        func publish(_ count: Int) throws {
            let first = sent
            let publisher = try Publisher(port: site.brokerPort) { $0 < count ? Self.message(first + $0) : nil }
            sent += try #require(publisher.waitForEnd())
        }
        try publish(100)
        expectAll(sent, site)
        try disk.fill()
        try publish(20_000)
        #expect(gateway.logs("cannot write: database or disk is full"))
        // It may have got over it by now: what came compresses well, and the log of the journal begins anew.
        #expect(outpost("status", "--data", site.data).output.contains("outpost_journal_failures_total"))
        disk.free()
        expectAll(sent, site)
        #expect(gateway.stop() == 0)
    }

    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root"))
    func aDamagedJournalOnADiskWithoutRoomForACopy() throws {
        let disk = try SmallDisk(megabytes: 12)
        let site = try Site(data: disk.path + "/data")
        var generator = SeededGenerator(seed: 1)
        var rows = ""
        for time in 0..<600_000 { rows += "noise,\(time),\(Double.random(in: 0..<1, using: &generator)),,\n" }
        try Files.write(Array(rows.utf8), to: site.directory.path + "/rows.csv")
        #expect(
            outpost("import", "--data", site.data, "--format", "csv", site.directory.path + "/rows.csv").status == 0)
        let path = site.data + "/journal.db"
        var bytes = try Files.read(path)
        #expect(bytes.count > 4 << 20)
        bytes[0] ^= 1
        // In place: there is no room for it twice.
        let file = open(path, O_WRONLY)
        #expect(pwrite(file, bytes, 1, 0) == 1)
        close(file)

        let gateway = try site.startGateway()
        try #require(gateway.isConnected(), "\(gateway.log)")
        #expect(gateway.log.contains("there was no room to copy what can be read of it"))
        let publisher = try Publisher(port: site.brokerPort) { $0 < 100 ? Self.message($0) : nil }
        expectAll(try #require(publisher.waitForEnd()), site)
        #expect(try Files.list(site.data).contains { $0.hasPrefix("journal.db.damaged-") })
        #expect(gateway.stop() == 0)
    }

    @Test(.enabled(if: SmallDisk.canBeMounted, "mounting a small disk takes root")) func aDiskThatIsReadOnlyAtFirst()
        throws
    {
        let disk = try SmallDisk(megabytes: 6)
        try Files.createDirectory(disk.path + "/data")
        try disk.remount("ro")
        let site = try Site(data: disk.path + "/data")
        let gateway = try site.startGateway()
        #expect(gateway.logs("cannot open \(site.data)/journal.db"))
        #expect(!gateway.log.contains("ready\n"))
        try disk.remount("rw")
        #expect(gateway.isConnected())
        let publisher = try Publisher(port: site.brokerPort) { $0 < 100 ? Self.message($0) : nil }
        let sent = try #require(publisher.waitForEnd())
        expectAll(sent, site)
        #expect(gateway.stop() == 0)
    }

    /// A library that makes every sync wait, loaded before the C library's own.
    private func slowSync(in directory: TemporaryDirectory, milliseconds: Int) throws -> String {
        let source = """
            #include <time.h>
            #include <unistd.h>
            #include <sys/syscall.h>
            static int slow(long call, int fd) {
                struct timespec t = {\(milliseconds / 1000), \(milliseconds % 1000) * 1000000L};
                nanosleep(&t, 0);
                return syscall(call, fd);
            }
            int fdatasync(int fd) { return slow(SYS_fdatasync, fd); }
            int fsync(int fd) { return slow(SYS_fsync, fd); }
            """
        let path = directory.path + "/slowsync.so"
        try Files.write(Array(source.utf8), to: directory.path + "/slowsync.c")
        let compiler = try #require(ChildProcess.find("cc"))
        let outcome = try ChildProcess(
            compiler, ["-shared", "-fPIC", "-o", path, directory.path + "/slowsync.c"]
        ).wait()
        try #require(outcome.status == 0)
        return path
    }
}
