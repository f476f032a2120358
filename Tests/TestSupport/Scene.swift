import Platform
import Synchronization

/// A directory of a test's own, gone with it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() {
        guard let path = try? Files.temporaryDirectory("test") else { fatalError("no temporary directory") }
        self.path = path
    }

    deinit { Files.removeTree(path) }
}

/// What a gateway's part says while it is tested.
public final class Scene: Sendable {
    public let surroundings: Surroundings
    private let lines: Lines

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    public init(clocks: Clocks = .system) {
        let lines = Lines()
        self.lines = lines
        let log = Log(level: .debug, style: .plain, clocks: clocks) { line in lines.all.withLock { $0.append(line) } }
        surroundings = Surroundings(clocks: clocks, log: log)
    }

    public var log: [String] { lines.all.withLock { $0 } }

    public func logged(_ text: String) -> Bool { log.contains { $0.contains(text) } }
}

/// Waits until something is so; false when it is not within the time, which is long: it only ends a test that fails.
public func eventually(within seconds: Int = 30, _ condition: () throws -> Bool) rethrows -> Bool {
    let clocks = Clocks.system
    let deadline = clocks.monotonic() + .seconds(seconds)
    while clocks.monotonic() < deadline {
        if try condition() { return true }
        _ = pollDescriptors([], until: clocks.monotonic() + .milliseconds(5))
    }
    return try condition()
}

extension Clocks {
    /// A moment so far away that reaching it means that something hangs.
    public static var farAway: MonotonicTime { system.monotonic() + .seconds(30) }
}

/// Both clocks in the test's hand: they stand still until told.
public final class VirtualClock: Sendable {
    private let state = Mutex((monotonic: Int64(1_000_000_000), wall: Int64(1_700_000_000_000_000)))

    public init() {}

    public var clocks: Clocks {
        Clocks(
            monotonic: { [self] in MonotonicTime(nanoseconds: state.withLock { $0.monotonic }) },
            wall: { [self] in state.withLock { $0.wall } })
    }

    public func advance(by duration: Duration) {
        state.withLock { state in
            state.monotonic += duration.nanoseconds
            state.wall += duration.nanoseconds / 1000
        }
    }

    public func setWall(_ microseconds: Int64) { state.withLock { $0.wall = microseconds } }
}
