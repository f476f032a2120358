import Glibc

public enum Users {
    /// The name of a user of this system, or the number of one who has none.
    public static func name(of user: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard getpwuid_r(user, &entry, buffer.baseAddress!, buffer.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return "user \(user)" }
            return String(cString: name)
        }
    }

    /// Who runs this process.
    public static var own: uid_t { getuid() }
}
