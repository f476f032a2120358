import CLinux
import Glibc

/// Runs a program to its end, with all that it starts: a session of its own, of which nothing is left afterwards.
///
/// What leaves the session on purpose (`setsid` in the program) is left alone: a parent that adopts all orphans
/// (PR_SET_CHILD_SUBREAPER) would have to tell them from each other and from those of other runs. The service manager ends
/// them with the service.
public struct ProgramRun {
    public struct Ending: Sendable {
        public var status: Int32
        /// That ended it; nil where it has ended by itself.
        public var signal: Int32?
        public var isTimedOut = false
        /// Ended because nobody wants it any more.
        public var isCancelled = false
        /// The beginning of what it wrote.
        public var output: [UInt8] = []
    }

    /// What a program has after it was asked to end.
    private static let grace: Duration = .seconds(1)
    /// A moment each.
    private static let mostAsked = 6
    private static let chunk = 64 * 1024
    /// Once it has ended, what is left in a pipe is no more than this.
    private static let lastReads = 16

    private let process: Int32
    private let ended: Int32
    private var input: Int32
    private var output: Int32
    private var pending: ArraySlice<UInt8>
    private let keptOutput: Int
    private var ending = Ending(status: 0)
    private var buffer = [UInt8](repeating: 0, count: chunk)

    /// `environment` is all that it has. Its input is `input`, and of its output so much is kept: it may write as much as it
    /// likes. `cancelled` gives the moment at which it is to end, once there is one: asked when `wake` becomes readable.
    public static func run(
        _ path: String, _ arguments: [String], environment: [(name: String, value: String)], input: [UInt8],
        keptOutput: Int = 4096, timeout: Duration, wake: Int32, cancelled: () -> MonotonicTime?
    ) throws(SystemError) -> Ending {
        signal(SIGPIPE, SIG_IGN)
        var run = try ProgramRun(
            path, arguments, environment: environment.map { "\($0.name)=\($0.value)" }, input: input,
            keptOutput: keptOutput)
        defer { run.close() }
        run.watch(until: Clocks.system.monotonic() + timeout, wake: wake, cancelled: cancelled)
        return run.ending
    }

    private init(
        _ path: String, _ arguments: [String], environment: [String], input: [UInt8], keptOutput: Int
    ) throws(SystemError) {
        let toProgram = try Pipe()
        let fromProgram: Pipe
        do throws(SystemError) { fromProgram = try Pipe() } catch {
            toProgram.close()
            throw error
        }
        let words = CStrings([path] + arguments)
        let variables = CStrings(environment)
        defer {
            words.free()
            variables.free()
        }
        let id = outpost_spawn_with(
            path, words.pointers, variables.pointers, toProgram.read, fromProgram.write, 1)
        let code = errno
        Glibc.close(toProgram.read)
        Glibc.close(fromProgram.write)
        guard id > 0 else {
            Glibc.close(toProgram.write)
            Glibc.close(fromProgram.read)
            throw SystemError("start", path, code: code)
        }
        process = id
        ended = outpost_process_descriptor(id)
        let watchCode = errno
        guard ended >= 0 else {
            kill(-id, SIGKILL)
            waitpid(id, nil, 0)
            Glibc.close(toProgram.write)
            Glibc.close(fromProgram.read)
            throw SystemError("watch", path, code: watchCode)
        }
        self.input = toProgram.write
        output = fromProgram.read
        for end in [self.input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        pending = input[...]
        self.keptOutput = keptOutput
    }

    // MARK: - Watching

    private mutating func watch(until deadline: MonotonicTime, wake: Int32, cancelled: () -> MonotonicTime?) {
        var deadline = deadline
        var asked = 0
        var isWakeHeard = false
        var isUnwanted = false
        while asked <= Self.mostAsked {
            let ready = pollDescriptors(
                [(ended, POLLIN), (output, POLLIN), (input, POLLOUT), (isWakeHeard ? -1 : wake, POLLIN)],
                until: deadline)
            if ready[0] != 0 { break }
            if ready[1] != 0 { readSome() }
            if ready[2] != 0 { writeSome() }
            if ready[3] != 0, let end = cancelled() {
                isWakeHeard = true
                isUnwanted = asked == 0 && end < deadline
                deadline = min(deadline, end)
            }
            guard Clocks.system.monotonic() >= deadline else { continue }
            if isUnwanted { ending.isCancelled = true } else { ending.isTimedOut = true }
            kill(-process, asked > 0 ? SIGKILL : SIGTERM)
            asked += 1
            deadline = Clocks.system.monotonic() + Self.grace
        }
        // As long as it has not been waited for, nobody else can have its number.
        kill(-process, SIGKILL)
        for _ in 0..<Self.lastReads where output >= 0 { if !readSome() { break } }
        // One that the kernel does not let go of is left behind.
        collect(asked > Self.mostAsked ? WNOHANG : 0)
    }

    /// False when nothing is there.
    @discardableResult private mutating func readSome() -> Bool {
        let count = read(output, &buffer, buffer.count)
        if count > 0 {
            ending.output += buffer[..<min(count, keptOutput - ending.output.count)]
            return true
        }
        if count < 0, [EAGAIN, EINTR].contains(errno) { return false }
        Glibc.close(output)
        output = -1
        return false
    }

    private mutating func writeSome() {
        let count = pending.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
        if count < 0, [EAGAIN, EINTR].contains(errno) { return }
        pending = pending.dropFirst(max(0, count))
        // It does not want to know, or knows all.
        if count < 0 || pending.isEmpty {
            Glibc.close(input)
            input = -1
        }
    }

    private mutating func collect(_ options: Int32) {
        var status = SIGKILL
        while waitpid(process, &status, options) < 0, errno == EINTR {}
        let signal = status & 0x7F
        ending.status = (status >> 8) & 0xFF
        if signal != 0 { ending.signal = signal }
    }

    private func close() {
        for descriptor in [ended, output, input] where descriptor >= 0 { Glibc.close(descriptor) }
    }
}

private struct Pipe {
    let read: Int32
    let write: Int32

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try retrying("create", "a pipe") { pipe2(&ends, O_CLOEXEC) }
        (read, write) = (ends[0], ends[1])
    }

    func close() {
        Glibc.close(read)
        Glibc.close(write)
    }
}

/// Texts as C takes them, with a NULL at the end.
private struct CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    func free() { for pointer in pointers { Glibc.free(pointer) } }
}
