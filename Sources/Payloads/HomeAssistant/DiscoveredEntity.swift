/// One value that a device has announced to Home Assistant.
public struct DiscoveredEntity: Sendable, Hashable {
    /// What it adds to the name of the series: DEVICE/OBJECT, or OBJECT where no device is named.
    public var name: String
    /// The levels of that name that stand for the device.
    public var device: String
    public var stateTopic: String
    /// Nil: the payload is the value.
    public var path: JSONPath?
    public var unit: String?
    /// The words for 1 and for 0.
    public var onWord: String?
    public var offWord: String?
    public var availabilityTopics: [String]
}
