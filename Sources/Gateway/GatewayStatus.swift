import Glibc
import History
import Journal
import Platform
import Readings

/// What `outpost status` shows, as JSON.
struct GatewayStatus {
    let id: String
    let data: String
    let started: Int64
    let surroundings: Surroundings
    let journal: Journal
    let history: History

    var json: JSON {
        [
            "gateway": gateway, "parts": .array(surroundings.parts.all.map(part)), "disk": disk,
            "metrics": .array(surroundings.metrics.entries.map(metric)),
        ]
    }

    /// For people: the parts, the disk, and every number that is not 0.
    var text: String {
        var lines = [
            "Outpost \(outpostVersion) as \(id), process \(getpid()), up \(Self.duration(Int64(uptime))), "
                + "\(Self.bytes(Double(Self.residentBytes()))) of memory",
            "",
        ]
        lines += Self.columns(
            surroundings.parts.all.map { part in
                [part.name, part.state.rawValue, part.detail.isEmpty ? quietText(of: part.name) : part.detail]
            })
        lines += ["", diskText, ""]
        lines += Self.columns(surroundings.metrics.entries.compactMap(line))
        return lines.joined(separator: "\n")
    }

    /// In seconds.
    private var uptime: Double { journal.uptime.inSeconds }

    private func quietText(of part: String) -> String {
        switch part {
        case Journal.partName: journalText
        case History.partName: historyText
        default: ""
        }
    }

    private var historyText: String {
        "\(history.metrics.sealed.value) readings packed since the start, \(history.metrics.waiting) wait in the "
            + "journal; \(Self.bytes(Double(history.metrics.bytesUsed.value)))"
    }

    private var journalText: String {
        "\(journal.catalogue.count) series; since the start \(journal.readingsCommitted.value) readings in "
            + "\(journal.commits.value) commits"
    }

    private var bytesWrittenPerDay: Double {
        journal.bytesWrittenPerDay + Double(history.metrics.bytesWritten.value) / max(1, uptime) * 86_400
    }

    private var diskText: String {
        let perDay = bytesWrittenPerDay
        let size = Double(diskSize.bytes)
        // The opening of the store would look like a day's habit.
        guard uptime > 60, perDay > 0, size > 0 else {
            return "disk: what is written in a day can be said after the first minute"
        }
        let days = size / perDay
        // Consumer cards are good for some hundreds of overwrites.
        let commits = Int64(Double(journal.commits.value) / uptime * 86_400)
        return
            "disk: \(commits) commits and \(Self.bytes(perDay)) a day at this rate; a card of \(Self.bytes(size)) is written over once in "
            + "\(Self.duration(Int64(days * 86_400))), 500 times in \(Self.duration(Int64(days * 500 * 86_400)))"
    }

    private func line(_ entry: Metrics.Entry) -> [String]? {
        let labels = entry.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let value: String
        switch entry.instrument {
        case .counter(let counter): value = counter.value == 0 ? "" : "\(counter.value)"
        case .gauge(let gauge): value = gauge.value == 0 ? "" : "\(gauge.value)"
        case .computed(let compute):
            let number = compute()
            value = number == 0 ? "" : number == number.rounded() ? "\(Int64(number))" : "\(number)"
        case .histogram(let histogram):
            let summary = histogram.summary
            func milliseconds(_ duration: Duration) -> String { "\(Double(duration.nanoseconds / 10_000) / 100)" }
            value =
                summary.count == 0
                ? ""
                : "median \(milliseconds(summary.median)) ms, p99 \(milliseconds(summary.p99)) ms, "
                    + "longest \(milliseconds(summary.largest)) ms"
        }
        return value.isEmpty ? nil : [entry.name, labels, value]
    }

    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<3).map { column in rows.reduce(0) { max($0, $1[column].count) } }
        return rows.map { row in
            let cells = (0..<2).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
            return "  " + cells.filter { !$0.isEmpty }.joined(separator: "  ") + "  " + row[2]
        }
    }

    private static func bytes(_ count: Double) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var number = count
        var unit = 0
        while number >= 1000, unit < units.count - 1 {
            number /= 1000
            unit += 1
        }
        return "\(unit == 0 || number >= 100 ? "\(Int(number))" : "\((number * 10).rounded() / 10)") \(units[unit])"
    }

    private static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        case ..<63_072_000: "\(seconds / 86_400) days"
        default: "\(seconds / 31_536_000) years"
        }
    }

    private var diskSize: (bytes: Int64, free: Int64) {
        let space = Files.space(data) ?? (0, 0)
        return (Int64(space.all), Int64(space.free))
    }

    private var gateway: JSON {
        [
            "id": .text(id), "version": .text(outpostVersion), "process": .integer(Int64(getpid())),
            "data": .text(data), "started": .integer(started),
            "uptime_seconds": .integer(Int64(uptime)),
            "memory_bytes": .integer(Self.residentBytes()),
        ]
    }

    private func part(_ report: Parts.Report) -> JSON {
        [
            "name": .text(report.name), "state": .text(report.state.rawValue), "detail": .text(report.detail),
            "since": .integer(report.since),
        ]
    }

    /// What is written to the disk, and what that means for a card of its size.
    private var disk: JSON {
        let size = diskSize
        let perDay = bytesWrittenPerDay
        return [
            "commits_per_day": .integer(Int64(Double(journal.commits.value) / max(1, uptime) * 86_400)),
            "written_bytes_per_day": .integer(Int64(perDay)), "size_bytes": .integer(size.bytes),
            "free_bytes": .integer(size.free),
            "days_per_overwrite": perDay > 0 ? .number((Double(size.bytes) / perDay * 10).rounded() / 10) : .null,
        ]
    }

    private func metric(_ entry: Metrics.Entry) -> JSON {
        var members: [(String, JSON)] = [("name", .text(entry.name)), ("help", .text(entry.help))]
        if !entry.labels.isEmpty { members.append(("labels", .object(entry.labels))) }
        switch entry.instrument {
        case .counter(let counter): members.append(("value", .integer(counter.value)))
        case .gauge(let gauge): members.append(("value", .integer(gauge.value)))
        case .computed(let value): members.append(("value", .number(value())))
        case .histogram(let histogram):
            let summary = histogram.summary
            members += [
                ("count", .integer(summary.count)), ("sum_seconds", .number(summary.sum.inSeconds)),
                ("median_seconds", .number(summary.median.inSeconds)), ("p99_seconds", .number(summary.p99.inSeconds)),
                ("largest_seconds", .number(summary.largest.inSeconds)),
            ]
        }
        return .object(members)
    }

    /// The second number of statm, in pages.
    private static func residentBytes() -> Int {
        guard let statm = try? Files.read("/proc/self/statm", limit: 4096) else { return 0 }
        let fields = String(decoding: statm, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
