import Settings

/// A disk that is a dictionary.
struct FakeFiles: SettingsFiles {
    var contents: [String: [UInt8]] = [:]
    var problems: [String: FileProblem] = [:]
    var readableByOthers: Set<String> = []
    var notRunnable: Set<String> = []

    init(_ texts: [String: String]) {
        contents = texts.mapValues { Array($0.utf8) }
    }

    func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        if let problem = problems[path] { throw problem }
        guard let bytes = contents[path] else { throw FileProblem(kind: .missing, message: "nothing there") }
        guard bytes.count <= limit else { throw FileProblem(kind: .tooLarge, message: "too large") }
        return bytes
    }

    func list(_ directory: String) throws(FileProblem) -> [String] {
        if let problem = problems[directory] { throw problem }
        let names = contents.keys.filter { $0.hasPrefix(directory + "/") }.map { $0.dropFirst(directory.count + 1) }
        if names.isEmpty { throw FileProblem(kind: .missing, message: "nothing there") }
        return names.map(String.init).sorted(by: >)
    }

    func isReadableByOthers(_ path: String) -> Bool { readableByOthers.contains(path) }

    func canRun(_ path: String) -> Bool { !notRunnable.contains(path) }
}

/// Loads `etc/outpost.toml` of a fake disk.
func load(_ files: FakeFiles, environment: [String: String] = [:], hostname: String = "host-1") -> LoadedSettings {
    Settings.load("etc/outpost.toml", files: files, environment: { environment[$0] }, hostname: hostname)
}

func load(_ text: String, environment: [String: String] = [:], hostname: String = "host-1") -> LoadedSettings {
    load(FakeFiles(["etc/outpost.toml": text]), environment: environment, hostname: hostname)
}

/// The problems as the user reads them, without the name of the file that all of them are in.
func problems(in text: String, environment: [String: String] = [:], hostname: String = "host-1") -> [String] {
    load(text, environment: environment, hostname: hostname).problems.map {
        String($0.description.dropFirst("etc/outpost.toml:".count))
    }
}

/// A connection that is complete, and ends inside of its only topic.
let connection = """
    [[mqtt]]
    name = "plant"
    broker = "mqtt://127.0.0.1"
    [[mqtt.topic]]
    filter = "a/+"
    series = "{topic}"

    """
