import Platform
import Polling

/// Where the refusals that the devices of a line have taught are kept. To lose it costs a few refused requests.
struct CutsFile {
    private static let longest = 1 << 20

    private let path: String

    init(directory: String, line: String) { path = "\(directory)/modbus-\(line).cuts" }

    func read() -> LearntCuts {
        guard let bytes = try? Files.read(path, limit: Self.longest) else { return LearntCuts() }
        return LearntCuts(text: String(decoding: bytes, as: UTF8.self))
    }

    func write(_ cuts: LearntCuts) throws(SystemError) { try Files.write(Array(cuts.text.utf8), to: path) }
}
