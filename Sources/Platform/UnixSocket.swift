import Glibc

/// One request, one answer, over a socket in the data directory: who may open the file may ask.
///
/// The request is a line; the answer is all bytes until the end.
public enum UnixSocket {
    static let longestRequest = 64 * 1024

    /// Requests that are answered at once; who comes then waits.
    private static let mostAtOnce = 8

    /// Answers requests until `stop` is called, each on a thread of its own: some take their time. The user is the one who
    /// asks, as the kernel says. Comes back when the last one has its answer.
    public static func serve(
        _ path: String, until stop: WakeUp,
        answer: @escaping @Sendable (_ request: String, _ user: uid_t?) -> [UInt8]
    ) throws(SystemError) {
        let running = Monitor(0)
        defer { _ = running.wait(until: nil) { $0 > 0 } }
        let listener = try retrying("create", "a socket") {
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        defer { close(listener) }
        unlink(path)
        try attach("listen on", path) { bind(listener, $0, $1) }
        defer { unlink(path) }
        chmod(path, 0o660)
        try retrying("listen on", path) { listen(listener, 8) }
        let forever = MonotonicTime(nanoseconds: .max)
        while true {
            let ready = pollDescriptors([(listener, POLLIN), (stop.descriptor, POLLIN)], until: forever)
            if ready[1] != 0 { return }
            guard ready[0] != 0 else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                // Without descriptors left the caller stays in line: not asked again at once.
                _ = pollDescriptors([(stop.descriptor, POLLIN)], until: Clocks.system.monotonic() + .milliseconds(100))
                continue
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            limitWaiting(connection, seconds: 2)
            _ = running.wait(until: nil) { $0 >= mostAtOnce }
            running.withLock { $0 += 1 }
            let serve: @Sendable () -> Void = {
                if let request = readLine(connection) { send(answer(request, user(of: connection)), to: connection) }
                close(connection)
                running.withLock { $0 -= 1 }
                running.notify()
            }
            // Without a thread to be had it is done here.
            if (try? DedicatedThread("control", run: serve)) == nil { serve() }
        }
    }

    /// Asks; an error of ECONNREFUSED or ENOENT means that nobody is there.
    public static func ask(_ path: String, _ request: String) throws(SystemError) -> [UInt8] {
        let connection = try retrying("create", "a socket") {
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        defer { close(connection) }
        try attach("connect to", path) { connect(connection, $0, $1) }
        limitWaiting(connection, seconds: 20)
        send(Array((request + "\n").utf8), to: connection)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try retrying("read from", path) { read(connection, &chunk, chunk.count) }
            if count == 0 { return answer }
            answer += chunk[..<count]
        }
    }

    /// A path that is too long for a socket's address is reached through a descriptor of its directory.
    private static func attach(
        _ operation: String, _ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SystemError) {
        if var address = UnixAddress(path) {
            try retrying(operation, path) { address.withPointer(call) }
            return
        }
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = String(path[..<slash])
        let handle = try retrying("open", directory) { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(handle) }
        guard var address = UnixAddress("/proc/self/fd/\(handle)\(path[slash...])") else {
            throw SystemError(operation, path, code: ENAMETOOLONG)
        }
        try retrying(operation, path) { address.withPointer(call) }
    }

    private static func limitWaiting(_ connection: Int32, seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    private static func user(of connection: Int32) -> uid_t? {
        var peer: (process: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: peer))
        return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.user : nil
    }

    private static func readLine(_ connection: Int32) -> String? {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        // In all, too: who sends a byte now and then keeps the others waiting no longer than who sends none.
        let deadline = Clocks.system.monotonic() + .seconds(2)
        while line.count <= longestRequest, Clocks.system.monotonic() < deadline {
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return nil }
            line += chunk[..<count]
            if let end = line.firstIndex(of: 10) { return String(decoding: line[..<end], as: UTF8.self) }
        }
        return nil
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 || errno == EINTR else { return }
            sent += max(0, count)
        }
    }
}
