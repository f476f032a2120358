/// The files that a configuration consists of and names: the disk for the gateway, a dictionary for tests.
public protocol SettingsFiles {
    /// The whole file; `.tooLarge` when it has more bytes than `limit`.
    func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8]
    /// The names in a directory, in any order.
    func list(_ directory: String) throws(FileProblem) -> [String]
    /// Whether every user of the machine may read the file (mode & 0o004).
    func isReadableByOthers(_ path: String) -> Bool
    /// Whether this process may run the file as a program.
    func canRun(_ path: String) -> Bool
}

extension SettingsFiles {
    /// Where nobody can tell, it is not held against the file.
    public func canRun(_ path: String) -> Bool { true }
}

/// A configuration that is a text, whatever it is called, and has no other files.
public struct ConfigurationText: SettingsFiles {
    private let text: String

    public init(_ text: String) { self.text = text }

    public func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] { Array(text.utf8) }

    public func list(_ directory: String) throws(FileProblem) -> [String] {
        throw FileProblem(kind: .missing, message: "")
    }

    public func isReadableByOthers(_ path: String) -> Bool { false }
}

/// Why a file cannot be had.
public struct FileProblem: Error, Hashable {
    public enum Kind: Sendable, Hashable {
        case missing
        case directory
        case notPermitted
        case tooLarge
        case other
    }

    public let kind: Kind
    /// A sentence for people; said as it is when the kind is `other`.
    public let message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }
}

extension FileProblem {
    /// In words for whoever named the file.
    func explain(_ path: String, limit: String) -> String {
        switch kind {
        case .missing: "there is no file \(path)"
        case .directory: "\(path) is a directory"
        case .notPermitted: "no permission to read \(path)"
        case .tooLarge: "\(limit) at most; \(path) is larger"
        case .other: "\(path): \(message)"
        }
    }
}

/// Paths as text: nothing is resolved, so messages name files the way the user did.
enum FilePath {
    /// With its slash at the end; empty when the path is a name alone.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    static func resolve(_ path: String, relativeToFile file: String) -> String {
        path.hasPrefix("/") ? path : directory(of: file) + path
    }
}
