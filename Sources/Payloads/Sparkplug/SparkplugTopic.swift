/// What a topic of Sparkplug B says: spBv1.0/GROUP/KIND/NODE, and /DEVICE where it is about a device.
public struct SparkplugTopic: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case nodeBirth = "NBIRTH"
        case nodeData = "NDATA"
        case nodeDeath = "NDEATH"
        case nodeCommand = "NCMD"
        case deviceBirth = "DBIRTH"
        case deviceData = "DDATA"
        case deviceDeath = "DDEATH"
        case deviceCommand = "DCMD"

        /// What hosts tell edge nodes: no readings.
        public var isCommand: Bool { self == .nodeCommand || self == .deviceCommand }

        var isAboutDevice: Bool {
            switch self {
            case .nodeBirth, .nodeData, .nodeDeath, .nodeCommand: false
            case .deviceBirth, .deviceData, .deviceDeath, .deviceCommand: true
            }
        }
    }

    static let namespace = "spBv1.0"

    public let group: String
    public let kind: Kind
    public let node: String
    /// Nil where it is about the edge node itself.
    public let device: String?
    /// The bytes of GROUP/NODE/DEVICE, and how many of them are GROUP/NODE: put together once for all messages.
    private let key: [UInt8]
    private let nodeKeyCount: Int

    /// Nil for every other topic. The state of a host application (spBv1.0/STATE/HOST) is one of them: hosts say there
    /// whether they are online, and have no readings.
    public init?(_ topic: String) {
        let levels = topic.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (4...5).contains(levels.count), levels[0].elementsEqual(Self.namespace.utf8),
            let kind = Kind(rawValue: String(Substring(levels[2]))), kind.isAboutDevice == (levels.count == 5),
            Self.isName(levels[1]), levels[3...].allSatisfy(Self.isName)
        else { return nil }
        group = String(Substring(levels[1]))
        self.kind = kind
        node = String(Substring(levels[3]))
        device = levels.count == 5 ? String(Substring(levels[4])) : nil
        let nodeKey = Array(levels[1]) + [UInt8(ascii: "/")] + levels[3]
        nodeKeyCount = nodeKey.count
        key = levels.count == 5 ? nodeKey + [UInt8(ascii: "/")] + levels[4] : nodeKey
    }

    /// What tells its edge node or device from all others.
    func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { key.withUnsafeBytes(body) }

    func withNodeKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        key.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<nodeKeyCount])) }
    }

    /// One with a wildcard comes in no message, and nothing could be published to it.
    private static func isName(_ level: Substring.UTF8View) -> Bool {
        !level.isEmpty && level.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "#") }
    }
}
