import Platform

/// What this process has used so far.
struct ProcessFigures {
    var wall: Duration = .zero
    var processor: Duration = .zero
    /// Given to the disk, by the kernel's count.
    var bytesWritten = 0
    /// The most memory that was ever resident.
    var peakMemory = 0

    init() {
        wall = Clocks.system.monotonic() - MonotonicTime(nanoseconds: 0)
        processor = Clocks.processorTime()
        bytesWritten = Self.number("write_bytes:", in: "/proc/self/io")
        peakMemory = Self.number("VmHWM:", in: "/proc/self/status") * 1024
    }

    func since(_ before: ProcessFigures) -> ProcessFigures {
        var figures = self
        figures.wall -= before.wall
        figures.processor -= before.processor
        figures.bytesWritten -= before.bytesWritten
        return figures
    }

    private static func number(_ name: String, in path: String) -> Int {
        let text = String(decoding: (try? Files.read(path)) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { $0.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.first }.flatMap { Int($0) }
            ?? 0
    }
}
