import Glibc
import Platform
import Settings

/// The configuration on the real disk.
public struct DiskFiles: SettingsFiles {
    public init() {}

    public func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        do throws(SystemError) { return try Files.read(path, limit: limit) } catch { throw problem(error) }
    }

    public func list(_ directory: String) throws(FileProblem) -> [String] {
        do throws(SystemError) { return try Files.list(directory) } catch { throw problem(error) }
    }

    public func isReadableByOthers(_ path: String) -> Bool { Files.isReadableByOthers(path) }

    public func canRun(_ path: String) -> Bool { access(path, X_OK) == 0 }

    private func problem(_ error: SystemError) -> FileProblem {
        let kind: FileProblem.Kind =
            switch error.code {
            case ENOENT, ENOTDIR: .missing
            case EISDIR: .directory
            case EACCES, EPERM: .notPermitted
            case EFBIG: .tooLarge
            default: .other
            }
        return FileProblem(kind: kind, message: "\(error)")
    }
}

extension Settings {
    /// The configuration of this machine.
    public static func load(_ path: String) -> LoadedSettings {
        load(path, files: DiskFiles(), environment: environment, hostname: hostname())
    }

    /// The alarms of one file of this machine.
    public static func loadRules(_ path: String) -> LoadedRules {
        loadRules(path, files: DiskFiles(), environment: environment)
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func hostname() -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.isEmpty ? "outpost" : text
    }
}
