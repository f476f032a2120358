/// An alarm that comes and goes all the time is held where it was worst, until it has been quiet for a while.
struct Chatter {
    /// So many times within `window` are too many.
    static let most = 5
    static let window: Int64 = 60_000_000_000

    private var raised: [Int64] = []
    /// Held at this level.
    private(set) var held: UInt8?
    private var lastChange: Int64 = 0

    var isHeld: Bool { held != nil }

    /// When it may be over.
    var due: Int64? { held.map { _ in lastChange + Self.window } }

    /// The level has changed; whether that makes it chatter from now on.
    mutating func note(_ level: UInt8, from before: UInt8, at now: Int64) -> Bool {
        lastChange = now
        if let held {
            self.held = max(held, level)
            return false
        }
        guard level > 0, before == 0 else { return false }
        raised.removeAll { now - $0 >= Self.window }
        raised.append(now)
        guard raised.count >= Self.most else { return false }
        held = level
        raised.removeAll()
        return true
    }

    /// Whether it is over.
    mutating func settles(at now: Int64) -> Bool {
        guard held != nil, now - lastChange >= Self.window else { return false }
        held = nil
        return true
    }
}
