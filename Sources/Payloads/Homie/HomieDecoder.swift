import CSimdjson
import Readings

/// The devices of one base topic of the Homie convention: what they say of themselves makes their values numbers or
/// texts, gives them units, and makes them stale when a device is gone. Owned by one thread.
public final class HomieDecoder {
    /// What the messages of one topic are about.
    public struct Subject: Sendable {
        fileprivate enum About {
            case state
            case description
            case value(Int)
            case unit(Int)
            case dataType(Int)
            /// There are more than there may be.
            case refused
        }

        fileprivate let device: Int
        fileprivate let about: About
    }

    private struct Device {
        let name: String
        var isGone = false
        var properties: [Int] = []
    }

    private struct Property {
        let name: String
        let device: Int
        var type = HomieType.unknown
        var unit: String?
        /// Nil until there is a value.
        var field: Int?
        /// That it is gone has been said since its last value.
        var isStale = false
    }

    /// In all.
    private static let mostDevices = 4096
    private static let mostProperties = 65_536

    private let table = FieldTable(limit: mostProperties)
    private var devices: [Device] = []
    private var deviceNumbers: [String: Int] = [:]
    private var properties: [Property] = []
    private var propertyNumbers: [String: Int] = [:]
    private var description: JSONDocument
    private let maxPayload: Int

    public var fields: [PayloadField] { table.fields }

    public init(maxPayload: Int) {
        self.maxPayload = maxPayload
        description = JSONDocument(
            paths: HomieDescription.paths, maxPayload: maxPayload)
    }

    // MARK: - Topics

    /// The levels of a topic behind the base. Nil where they say nothing of a value.
    public func subject(of levels: some Collection<Substring>) -> Subject? {
        guard let topic = HomieTopic(levels) else { return nil }
        guard let device = device(topic.device) else { return Subject(device: 0, about: .refused) }
        let about: Subject.About? =
            switch topic.part {
            case .state: .state
            case .description: .description
            case .value(let name): property(name, of: device).map { .value($0) }
            case .unit(let name): property(name, of: device).map { .unit($0) }
            case .dataType(let name): property(name, of: device).map { .dataType($0) }
            }
        return Subject(device: device, about: about ?? .refused)
    }

    private func device(_ name: String) -> Int? {
        if let number = deviceNumbers[name] { return number }
        guard devices.count < Self.mostDevices else { return nil }
        devices.append(Device(name: name))
        deviceNumbers[name] = devices.count - 1
        return devices.count - 1
    }

    private func property(_ name: String, of device: Int) -> Int? {
        let path = devices[device].name + "/" + name
        if let number = propertyNumbers[path] { return number }
        guard properties.count < Self.mostProperties else { return nil }
        properties.append(Property(name: path, device: device))
        propertyNumbers[path] = properties.count - 1
        devices[device].properties.append(properties.count - 1)
        return properties.count - 1
    }

    // MARK: - Messages

    /// Appends what a message says. A value that the broker kept from before is no reading: it makes known what there is,
    /// and what is stale where its device is gone.
    public func decode(
        _ payload: UnsafeRawBufferPointer, _ subject: Subject, isRetained: Bool,
        into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        guard payload.count <= maxPayload else { return PayloadProblem(size: payload.count, limit: maxPayload) }
        switch subject.about {
        case .state: return takeState(payload, of: subject.device, into: &readings)
        case .description: return takeDescription(payload, of: subject.device)
        case .value(let property): return takeValue(payload, of: property, isRetained, into: &readings)
        case .unit(let property): describe(property, unit: String(decoding: payload, as: UTF8.self))
        case .dataType(let property): properties[property].type = HomieType(payload)
        case .refused:
            return PayloadProblem(
                .tooManyFields, "more than \(Self.mostDevices) devices or \(Self.mostProperties) properties")
        }
        return nil
    }

    private func takeState(
        _ payload: UnsafeRawBufferPointer, of device: Int, into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        let text = NumberText.trimmed(payload)
        let isGone = text.isWord("lost") || text.isWord("disconnected")
        guard isGone || HomieDecoder.isState(text) else {
            return PayloadProblem(.wrongType, "none of the states of a device, such as ready and lost")
        }
        devices[device].isGone = isGone
        append(devices[device].name + "/" + NumberWords.availabilitySuffix, isGone ? 0 : 1, to: &readings)
        if isGone {
            for property in devices[device].properties { leave(property, into: &readings) }
        }
        return nil
    }

    private static func isState(_ text: UnsafeRawBufferPointer) -> Bool {
        text.isWord("init") || text.isWord("ready") || text.isWord("alert") || text.isWord("sleeping")
    }

    private func append(_ name: String, _ number: Double, to readings: inout [DecodedReading]) {
        guard let field = field(name, unit: nil) else { return }
        readings.append(DecodedReading(field: field, value: .number(number)))
    }

    private func leave(_ property: Int, into readings: inout [DecodedReading]) {
        guard let field = properties[property].field, !properties[property].isStale else { return }
        properties[property].isStale = true
        readings.append(DecodedReading(field: field, value: .absent, quality: .stale))
    }

    private func takeDescription(_ payload: UnsafeRawBufferPointer, of device: Int) -> PayloadProblem? {
        // A device that is removed describes itself with nothing.
        if payload.isEmpty { return nil }
        if let problem = description.read(payload) { return problem }
        for entry in description.entries where entry.value.kind == .string {
            guard let number = property(String(decoding: entry.keyBytes, as: UTF8.self), of: device) else {
                return FieldTable.isFull(at: devices[device].name, limit: Self.mostProperties)
            }
            switch entry.pathNumber {
            case HomieDescription.dataType: properties[number].type = HomieType(entry.value.string)
            default: describe(number, unit: String(decoding: entry.value.string, as: UTF8.self))
            }
        }
        return nil
    }

    private func describe(_ property: Int, unit: String) {
        let unit = unit.isEmpty || unit.utf8.count > 64 ? nil : unit
        guard properties[property].unit != unit else { return }
        properties[property].unit = unit
        // The series gets the new unit with its next value.
        if properties[property].field != nil { properties[property].field = nil }
    }

    private func takeValue(
        _ payload: UnsafeRawBufferPointer, of property: Int, _ isRetained: Bool,
        into readings: inout [DecodedReading]
    ) -> PayloadProblem? {
        let first = readings.count
        if let problem = properties[property].type.decode(payload, into: &readings) { return problem }
        if properties[property].field == nil {
            properties[property].field = field(properties[property].name, unit: properties[property].unit)
        }
        guard let field = properties[property].field else {
            readings.removeSubrange(first...)
            return FieldTable.isFull(at: properties[property].name, limit: table.limit)
        }
        for index in first..<readings.count { readings[index].field = field }
        if isRetained {
            readings.removeSubrange(first...)
            if devices[properties[property].device].isGone { leave(property, into: &readings) }
        } else {
            properties[property].isStale = false
        }
        return nil
    }

    private func field(_ name: String, unit: String?) -> Int? {
        let key = Array((name + "\u{0}" + (unit ?? "")).utf8)
        return key.withUnsafeBytes { table.find($0) { PayloadField(suffix: name, unit: unit) } }
    }
}

/// Where the description of a device says what its properties are.
private enum HomieDescription {
    static let dataType = 0
    static let paths = ["datatype", "unit"].map { key in
        JSONPath(keys: ["nodes"]).below(.any).below(.key("properties")).below(.any).below(.key(key))
    }
}
