/// The mappings for what is widely used. Each is a file beside this one, in the language of the configuration, in which
/// {base} is what its topics begin with, {series} what its series begin with, and {+0} the first level behind the base.
public enum Preset: String, Sendable, CaseIterable {
    case zigbee2mqtt
    case tasmota
    case shelly
    case esphome
    case chirpstack
    case homie
    case homeassistant
    case sparkplug
    case senml

    /// As it is written.
    var source: [UInt8] {
        switch self {
        case .zigbee2mqtt: PackageResources.zigbee2mqtt_toml
        case .tasmota: PackageResources.tasmota_toml
        case .shelly: PackageResources.shelly_toml
        case .esphome: PackageResources.esphome_toml
        case .chirpstack: PackageResources.chirpstack_toml
        case .homie: PackageResources.homie_toml
        case .homeassistant: PackageResources.homeassistant_toml
        case .sparkplug: PackageResources.sparkplug_toml
        case .senml: PackageResources.senml_toml
        }
    }
}

extension Preset {
    private static let baseKey = "base = "

    /// What it consists of, as one would write it.
    public var mappings: String {
        let lines = String(decoding: source, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let base = lines.first { $0.hasPrefix(Self.baseKey) }?.dropFirst(Self.baseKey.count).filter { $0 != "\"" }
        let places = PresetPlaces(base: base ?? "", series: rawValue)
        return lines.filter { !$0.hasPrefix(Self.baseKey) }
            .map { $0 == "[[topic]]" ? "[[mqtt.topic]]" : places.fill(String($0)) }.joined(separator: "\n")
    }
}

/// What a preset is filled in with.
struct PresetPlaces {
    /// With a "/" at its end, or empty.
    private let base: String
    private let baseLevels: Int
    private let series: String

    /// `base` may be empty.
    init(base: String, series: String) {
        self.base = base.isEmpty ? "" : base + "/"
        baseLevels = self.base.utf8.count { $0 == UInt8(ascii: "/") }
        self.series = series
    }

    func fill(_ text: String) -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            filled += rest[..<open] + place(rest[rest.index(after: open)..<close])
            rest = rest[close...].dropFirst()
        }
        return filled + rest
    }

    private func place(_ name: Substring) -> String {
        switch name {
        case "base": return base
        case "series": return series
        default:
            let digits = name.dropFirst().prefix(while: \.isNumber)
            guard name.hasPrefix("+"), let level = Int(digits) else { return "{\(name)}" }
            return "{\(baseLevels + level)\(name[digits.endIndex...])}"
        }
    }
}
