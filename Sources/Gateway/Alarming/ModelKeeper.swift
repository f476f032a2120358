import Alarms
import Glibc
import Models
import Platform

/// Reads the models that alarms score with, and reads them again when their files change. A file that cannot be used is
/// refused, and the model before it goes on.
final class ModelKeeper: Sendable {
    typealias Use = @Sendable (_ file: String, _ model: Model?) -> Void

    private static let name = "models"
    private static let lookEvery: Duration = .seconds(2)

    /// What tells that a file is another one.
    private struct Version: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private struct Known {
        var version: Version?
        var model: Model?
        /// What was wrong with the file at last.
        var problem: String?
    }

    /// By file, how many inputs each of its rules has.
    private let files: [String: Set<Int>]
    private let surroundings: Surroundings
    private let thread: PartThread
    private let use: Use

    /// Nil where no rule has a model.
    init?(_ rules: [AlarmRule], surroundings: Surroundings, use: @escaping Use) throws(SystemError) {
        var files: [String: Set<Int>] = [:]
        for rule in rules {
            if case .model(let model) = rule.condition { files[model.file, default: []].insert(model.inputs.count) }
        }
        guard !files.isEmpty else { return nil }
        self.files = files
        self.surroundings = surroundings
        self.use = use
        thread = try PartThread(Self.name, surroundings.parts)
    }

    /// The models are read before it returns.
    func start() throws(SystemError) {
        var known = files.mapValues { _ in Known() }
        look(&known)
        for (file, state) in known where state.model == nil { use(file, nil) }
        let first = known
        try thread.start(thread: Self.name) { [self] in
            var known = first
            while !thread.isStopping {
                report(known)
                let next = surroundings.clocks.monotonic() + Self.lookEvery
                _ = pollDescriptors([(thread.wake.descriptor, POLLIN)], until: next)
                look(&known)
            }
        }
    }

    func stop() { thread.stop() }

    func waitUntilStopped(deadline: MonotonicTime) -> Bool { thread.waitUntilStopped(deadline: deadline) }

    private func look(_ known: inout [String: Known]) {
        for file in files.keys.sorted() {
            let version = Self.version(of: file)
            guard version != known[file]?.version || version == nil && known[file]?.problem == nil else { continue }
            known[file]?.version = version
            do {
                let model = try ModelFile.read(try Files.read(file, limit: ModelFile.longest))
                if let problem = files[file]?.lazy.compactMap({ model.problem(withInputs: $0) }).first {
                    throw ModelError("", problem)
                }
                known[file]?.problem = nil
                known[file]?.model = model
                surroundings.log.info(Self.name, "\(file) is used")
                use(file, model)
            } catch {
                let goesOn = known[file]?.model == nil ? "nothing is scored with it" : "the one before it goes on"
                known[file]?.problem = "\(error)"
                surroundings.log.error(Self.name, "\(file): \(error); \(goesOn)")
            }
        }
    }

    private func report(_ known: [String: Known]) {
        let wrong = known.filter { $0.value.problem != nil }.keys.sorted()
        let text = wrong.map { "\($0): \(known[$0]?.problem ?? "")" }.joined(separator: "; ")
        surroundings.parts.report(
            Self.name, wrong.isEmpty ? .running : .degraded,
            wrong.isEmpty ? "\(known.count) in use" : text)
    }

    private static func version(of file: String) -> Version? {
        var status = stat()
        guard stat(file, &status) == 0 else { return nil }
        return Version(
            inode: status.st_ino, size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }
}
