/// What a topic of the Homie convention (versions 3 to 5) says, from behind its base on: DEVICE/NODE/PROPERTY, with a
/// level "5" before it since version 5.
struct HomieTopic: Equatable {
    enum Part: Equatable {
        /// `$state` of a device.
        case state
        /// `$description` of a device, since version 5.
        case description
        case value(property: String)
        /// `$unit` of a property, until version 4.
        case unit(property: String)
        /// `$datatype` of a property, until version 4.
        case dataType(property: String)
    }

    let device: String
    let part: Part

    /// Nil where nothing is said of a device's values: other attributes, commands, alerts and broadcasts.
    init?(_ levels: some Collection<Substring>) {
        let levels = Array(levels.first == "5" ? levels.dropFirst() : levels.dropFirst(0))
        guard let device = levels.first, !device.hasPrefix("$") else { return nil }
        self.device = String(device)
        let property = levels.dropFirst().prefix(2).joined(separator: "/")
        switch (levels.count, levels.last) {
        case (2, "$state"): part = .state
        case (2, "$description"): part = .description
        case (4, "$unit"): part = .unit(property: property)
        case (4, "$datatype"): part = .dataType(property: property)
        case (3, let last?) where !last.hasPrefix("$") && !levels[1].hasPrefix("$"): part = .value(property: property)
        default: return nil
        }
    }
}
