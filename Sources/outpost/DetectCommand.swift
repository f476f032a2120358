import Alarms
import Exchange
import Glibc
import Platform
import Readings

enum DetectCommand: Command {
    static let name = "detect"
    static let summary = "says which readings of a series are not as usual: CSV in, CSV with scores out"
    static let usage = """
        [--state FILE] [--zone +HH:MM] < CSV > CSV

          reads    timestamp,value with or without a header; timestamps are ISO 8601, "YYYY-MM-DD HH:MM:SS" (UTC), or
                   seconds or milliseconds since 1970
          writes   timestamp,value,anomaly_score,alert,reason, a row for each that it reads: the score from 0 to 1, alert
                   1 or 0, and what is not as usual. The first 100 readings of a series are silent.

          --state FILE   what was learnt: read if it is there, and replaced at the end of the input
          --zone         how far the clocks of the place are ahead of UTC: what is usual is learnt for each hour of the day

        A line that is not understood is said by its number, and passed through without a score; the exit status is then 1.
        """
    static let options = ArgumentRules(values: ["--state", "--zone"])

    private static let chunkBytes = 256 * 1024
    private static let mostProblems = 20

    static func run(_ arguments: Arguments) throws -> Int32 {
        // A reader that goes away ends the program by the error of a write.
        signal(SIGPIPE, SIG_IGN)
        let offset = try zone(arguments)
        let state = try arguments["--state"].map(StateFile.init)
        var detector = try state?.load() ?? AnomalyDetector()
        var scored = ScoredLines()
        var output = StandardOutput()
        var problems = 0
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        output.append("timestamp,value,anomaly_score,alert,reason\n")
        while true {
            if !isMoreInput { output.flush() }
            let count = try read(into: &chunk)
            output.append { bytes in
                scored.feed(chunk.span.extracting(..<count), isLast: count == 0, into: &bytes) { time, value, row in
                    let hour = HourOfDay(at: time.microseconds, offset: offset)
                    row.append(detector.take(value, at: time.microseconds, hour: hour))
                } problem: { problem in
                    problems += 1
                    if problems <= mostProblems { printError("line \(problem.line): \(problem.message)") }
                }
            }
            if count == 0 { break }
        }
        output.flush()
        if problems > mostProblems { printError("and \(problems - mostProblems) more problems") }
        try state?.save(detector)
        return problems == 0 ? 0 : 1
    }

    /// Seconds ahead of UTC.
    private static func zone(_ arguments: Arguments) throws(UsageError) -> Int {
        guard let text = arguments["--zone"] else { return 0 }
        let noon: Int64 = 43_200_000_000
        guard let first = text.utf8.first, "+-Zz".utf8.contains(first),
            let time = Timestamp(rfc3339: "1970-01-01T12:00:00" + text)
        else {
            throw UsageError(message: "--zone takes a distance from UTC such as +01:00, not \"\(text)\"")
        }
        return Int((noon - time.microseconds) / 1_000_000)
    }

    private static var isMoreInput: Bool {
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, 0) > 0
    }

    private static func read(into chunk: inout [UInt8]) throws(SystemError) -> Int {
        while true {
            let count = Glibc.read(0, &chunk, chunk.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError("read", "the input") }
        }
    }

    /// What a detector has learnt, on the disk. One that is damaged, or newer than this program, is left as it is: someone
    /// may still want it, and a detector that begins anew would replace it.
    private struct StateFile {
        let path: String

        init(_ path: String) throws(SystemError) {
            self.path = path
            // Said now, not after hours of input.
            let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "."
            guard access(String(directory), W_OK) == 0 else { throw SystemError("write", path) }
        }

        func load() throws -> AnomalyDetector? {
            guard Files.exists(path) else { return nil }
            let bytes = try Files.read(path, limit: 1 << 20)
            do throws(DetectorStateError) { return try AnomalyDetector(state: bytes) } catch {
                throw CommandFailure("\(path): \(error); it is left as it is, and nothing is read")
            }
        }

        func save(_ detector: AnomalyDetector) throws(SystemError) {
            try Files.write(detector.state, to: path)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ verdict: AnomalyVerdict) {
        append(contentsOf: (verdict.score == 0 ? "0" : verdict.score.description).utf8)
        append(contentsOf: (verdict.isAlert ? ",1," : ",0,").utf8)
        if let reason = verdict.reason { append(contentsOf: reason.description.utf8) }
    }
}
