/// `kind = "gpio"`: an output of this machine is switched.
public struct GPIOSettings: Sendable, Hashable {
    public enum Switch: String, Sendable, CaseIterable {
        case on
        case off
    }

    public var chip: String
    public var line: Int
    /// On is a low voltage.
    public var isActiveLow: Bool
    /// What it is set to when nobody watches over it any more; nil: it is left as it is.
    public var failsafe: Switch?
}

extension GPIOSettings {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader) {
        let chip = table.parsed("chip", example: "/dev/gpiochip0") { (text) throws(ValueError) in
            guard text.hasPrefix("/dev/") else { throw ValueError("a chip is a device such as \"/dev/gpiochip0\"") }
            return text
        }
        self.chip = chip ?? "/dev/gpiochip0"
        line = table.integer("line", default: 17, in: 0...1023)
        isActiveLow = table.flag("active_low", default: false)
        failsafe = table.word("failsafe", example: Switch.off)
        guard table.has("line") else {
            table.reportMissing("line = 17, the number of the output on its chip")
            return nil
        }
    }
}
