import Platform

public struct ModbusReport {
    struct Round {
        var perSecond: Double
        var processorMicroseconds: Double
    }

    /// One request after the other: by libmodbus, and by us.
    public struct Loops {
        public let registers: Int
        let theirs: [Round]
        let ours: [Round]

        public var theirsPerSecond: Double { Self.median(theirs.map(\.perSecond)) }
        public var oursPerSecond: Double { Self.median(ours.map(\.perSecond)) }
        public var theirMicroseconds: Double { Self.median(theirs.map(\.processorMicroseconds)) }
        public var ourMicroseconds: Double { Self.median(ours.map(\.processorMicroseconds)) }
        /// Of rounds that stood side by side.
        public var ratio: Double { Self.median(zip(theirs, ours).map { $1.perSecond / $0.perSecond }) }

        private static func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
    }

    public let loops: [Loops]
    /// Of one core.
    public let fleetShare: Double
    public let lines: Int
    public let devices: Int

    public var json: JSON {
        [
            "loops": .array(
                loops.map { loop in
                    [
                        "registers": .integer(Int64(loop.registers)),
                        "libmodbus_per_second": .number(loop.theirsPerSecond),
                        "outpost_per_second": .number(loop.oursPerSecond), "ratio": .number(loop.ratio),
                        "libmodbus_cpu_us": .number(loop.theirMicroseconds),
                        "outpost_cpu_us": .number(loop.ourMicroseconds),
                    ]
                }), "fleet_share_of_a_core": .number(fleetShare), "lines": .integer(Int64(lines)),
            "devices_per_line": .integer(Int64(devices)),
        ]
    }
}
