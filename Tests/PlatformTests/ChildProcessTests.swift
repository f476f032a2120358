import Glibc
import Platform
import TestSupport
import Testing

@Suite(.serialized) struct ChildProcessTests {
    private func shell(_ script: String, output: Int32? = nil) throws -> ChildProcess {
        try ChildProcess("/bin/sh", ["-c", script], output: output)
    }

    /// What a script writes.
    private func output(of script: String) throws -> String {
        let directory = TemporaryDirectory()
        let path = directory.path + "/output"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        #expect(try shell(script, output: descriptor).wait().status == 0)
        return String(decoding: try Files.read(path), as: UTF8.self)
    }

    private func isAlive(_ id: Int32) -> Bool { kill(id, 0) == 0 }

    @Test(arguments: [0, 1, 3, 127, 255]) func theExitStatusIsThatOfTheProgram(status: Int32) throws {
        let child = try shell("exit \(status)")
        #expect(child.wait().status == status)
        #expect(child.wait().status == status)
        #expect(!child.isRunning)
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGABRT, SIGPIPE]) func aSignalIsToldApart(signal: Int32) throws {
        #expect(try shell("kill -\(signal) $$").wait().status == 128 + signal)
    }

    @Test func itRunsUntilItIsStopped() throws {
        let child = try ChildProcess("/bin/sleep", ["1000"])
        #expect(child.isRunning)
        #expect(isAlive(child.id))
        #expect(child.stop().status == 128 + SIGTERM)
        #expect(!child.isRunning)
        #expect(!isAlive(child.id))
        // Its number may be another's by now.
        child.send(signal: SIGKILL)
    }

    @Test func itsEndIsSeenWithoutWaiting() throws {
        let child = try shell("exit 5")
        #expect(eventually { !child.isRunning })
        #expect(child.wait().status == 5)
    }

    @Test func itEndsWithItsObject() throws {
        var child: ChildProcess? = try ChildProcess("/bin/sleep", ["1000"])
        let id = try #require(child?.id)
        #expect(isAlive(id))
        child = nil
        #expect(!isAlive(id))
    }

    @Test func itDiesWithItsThread() throws {
        let started = Monitor<Unmanaged<ChildProcess>?>(nil)
        let thread = try DedicatedThread("parent") {
            // Kept alive past the thread: the object's end would end the program as well.
            let child = (try? ChildProcess("/bin/sleep", ["1000"])).map { Unmanaged.passRetained($0) }
            started.withLock { $0 = child }
        }
        thread.join()
        let child = try #require(started.withLock { $0?.takeRetainedValue() })
        #expect(child.wait().status == 128 + SIGKILL)
    }

    @Test(arguments: [("/nowhere/program", ENOENT), ("/etc/passwd", EACCES), ("/tmp", EACCES)])
    func aProgramThatCannotBeStartedIsAnError(path: String, code: Int32) {
        #expect(throws: SystemError("start", path, code: code)) { try ChildProcess(path, []) }
    }

    @Test func argumentsArriveAsTheyAre() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/output"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let words = ["a b", "", "$HOME", "\"quoted\"", "é\n"]
        _ = try ChildProcess("/usr/bin/printf", ["%s|"] + words, output: descriptor).wait()
        #expect(try Files.read(path) == Array(words.map { $0 + "|" }.joined().utf8))
    }

    @Test func bothOutputsGoToTheDescriptorAndTheInputIsEmpty() throws {
        #expect(try output(of: "cat; echo out; echo err >&2") == "out\nerr\n")
    }

    @Test func noSignalIsBlockedForIt() throws {
        let blocked = Monitor<String?>(nil)
        let thread = try DedicatedThread("blocked") {
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_BLOCK, &all, nil)
            let mask = try? output(of: "grep SigBlk /proc/self/status")
            blocked.withLock { $0 = mask }
        }
        thread.join()
        #expect(blocked.withLock { $0 } == "SigBlk:\t0000000000000000\n")
    }

    @Test func itsProcessorTimeIsMeasured() throws {
        let busy = try shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done").wait()
        #expect(busy.status == 0)
        #expect(busy.processorTime > .zero)
    }

    @Test func programsAreFoundByName() {
        #expect(ChildProcess.find("sh").map { access($0, X_OK) } == 0)
        #expect(ChildProcess.find("no-such-program-anywhere") == nil)
    }
}
