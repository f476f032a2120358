/// When an uplink is to send, as its settings say.
public struct SendSchedule: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// On a grid, which is another one on each gateway.
        case every(Duration)
        case cron(CronSchedule)
        /// As soon as something waits, but for a short pause between two attempts.
        case continuous
        /// When somebody asks for it alone.
        case manual
        /// As often as the link is good for.
        case adaptive(LinkBands)
    }

    public var kind: Kind
    /// `only_between`; none: at any time.
    public var windows: [SendWindow]

    public init(_ kind: Kind, windows: [SendWindow] = []) {
        self.kind = kind
        self.windows = windows
    }

    /// How long what has arrived counts as fresh, in nanoseconds: see Lanes.
    public var freshness: Int64 {
        switch kind {
        case .every(let interval): max(1, interval.nanoseconds)
        case .cron, .manual: 3_600_000_000_000
        case .continuous: 10_000_000_000
        case .adaptive(let bands): bands.poorEvery.nanoseconds
        }
    }
}
