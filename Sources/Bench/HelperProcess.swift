import Glibc
import Platform

/// This program once more, as one part of a measurement, so that its CPU time is that part's alone.
///
/// It says what it has to say in lines that begin with an agreed word; every other line is meant for people.
final class HelperProcess {
    private let name: String
    private let process: ChildProcess
    private let output: Int32
    private var unread: [UInt8] = []

    init(_ words: [String]) throws {
        name = words[0]
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("create", "a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do {
            process = try ChildProcess("/proc/self/exe", ["bench"] + words, output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        output = ends[0]
    }

    deinit { close(output) }

    func askToStop() { process.send(signal: SIGTERM) }

    /// The rest of the next line that begins with `word`.
    func answer(_ word: String, within patience: Duration) throws -> [Substring] {
        let deadline = Clocks.system.monotonic() + patience
        while true {
            let line = try nextLine(until: deadline)
            let words = line.split(separator: " ")
            if words.first == word[...] { return Array(words.dropFirst()) }
            Log.toStderr(line + "\n")
        }
    }

    private func nextLine(until deadline: MonotonicTime) throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard pollDescriptors([(output, POLLIN)], until: deadline)[0] != 0 else {
                throw BenchError("\(name) does not answer")
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { throw BenchError("\(name) ended early with status \(process.wait().status)") }
            unread += chunk[..<count]
        }
    }
}
