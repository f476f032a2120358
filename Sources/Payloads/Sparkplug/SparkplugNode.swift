import Readings

/// An edge node: itself, its devices, and the sequence that all its messages are in.
final class SparkplugNode {
    let group: String
    let name: String
    let own: SparkplugScope
    private(set) var devices: [SparkplugScope] = []
    var rebirth = SparkplugRebirth()
    /// The number of its session, which its birth and the will for its death have in common; nil where the birth had none.
    private var session: UInt64?
    private var expected: UInt8 = 0

    init(group: String, name: String, own: SparkplugScope) {
        self.group = group
        self.name = name
        self.own = own
    }

    var isBorn: Bool { own.isBorn }

    func add(_ device: SparkplugScope) { devices.append(device) }

    /// Begins again, with the number that the birth has; its devices are to be born after it.
    func bear(session: UInt64?, sequence: UInt64?) {
        rebirth.born(inNewSession: session != self.session)
        self.session = session
        expected = UInt8(truncatingIfNeeded: sequence ?? 0) &+ 1
        own.bear()
        for device in devices { device.unbear() }
    }

    /// Whether a death is that of this birth, and not the will of an earlier session that the broker publishes late.
    func isEnded(by session: UInt64?) -> Bool {
        guard let session, let own = self.session else { return isBorn }
        return isBorn && session == own
    }

    /// Follows the sequence to this message. Nil where it is the next one: so is one without a number, and one that
    /// counts past 255.
    @inline(__always)
    func follow(_ sequence: UInt64?) -> PayloadProblem? {
        let wanted = expected
        let got = sequence.map { UInt8(truncatingIfNeeded: $0) } ?? wanted
        expected = got &+ 1
        return got == wanted ? nil : PayloadProblem(expectedSequence: wanted, got: got)
    }
}
