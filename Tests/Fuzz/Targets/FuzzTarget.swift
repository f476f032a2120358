import Glibc
import Polling

/// Something that takes bytes from strangers.
public protocol FuzzTarget: Sendable {
    /// What is wrong with what comes of an input; nil if nothing is. Keeps nothing from one input to the next.
    func complaint(about input: UnsafeRawBufferPointer) -> String?
}

public enum FuzzTargets {
    /// By name, which is that of their corpus too. A new one is one more entry, and a directory of seeds.
    public static let all: [String: any FuzzTarget] = {
        do {
            return try decoders.merging(
                [
                    "settings": SettingsFuzz(), "sparkplug": SparkplugFuzz(), "homie": HomieFuzz(),
                    "announcements": AnnouncementFuzz(), "modbus-tcp": ExchangeFuzz(.tcp),
                    "modbus-rtu": ExchangeFuzz(.rtu), "detector-state": DetectorStateFuzz(),
                    "scored-lines": ScoredLinesFuzz(), "model-file": ModelFuzz(),
                    "cron-text": CronTextFuzz(), "only-when": OnlyWhenFuzz(),
                    "uplink-frame": FrameFuzz(),
                ]
            ) { $1 }
        } catch {
            fatalError("a mapping among the targets is none: \(error)")
        }
    }()

    /// The one that OUTPOST_FUZZ names.
    public static let chosen: any FuzzTarget = {
        guard let name = getenv("OUTPOST_FUZZ").map({ String(cString: $0) }), let target = all[name] else {
            fatalError("OUTPOST_FUZZ names none of \(all.keys.sorted())")
        }
        return target
    }()
}
