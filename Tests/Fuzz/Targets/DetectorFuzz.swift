import Alarms
import Exchange
import Readings

/// States with a right checksum and anything before it: the input takes the place of the numbers of a young detector's, from
/// the first one on. What is taken for a detector goes on as one.
struct DetectorStateFuzz: FuzzTarget {
    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        var state = AnomalyDetector().state
        let (head, end) = (5, state.count - 8)
        for (index, byte) in zip(head..<end, input) { state[index] = byte }
        withUnsafeBytes(of: checksum(state[..<end]).littleEndian) { state.replaceSubrange(end..., with: $0) }
        guard var detector = try? AnomalyDetector(state: state) else { return nil }
        if detector.state != state { return "another state than the one that it was made of" }
        for number in 0..<200 as Range<Int64> {
            let time = number &* 0x0123_4567_89AB_CDEF
            let value = number % 3 == 0 ? Double(number) : Double(bitPattern: UInt64(bitPattern: time))
            let verdict = detector.take(value, at: time, hour: HourOfDay(at: time, offset: 0))
            guard verdict.score >= 0, verdict.score <= 1 else { return "the score \(verdict.score)" }
        }
        return nil
    }

    private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Lines of a timestamp and a value: a row or a header for each that is not empty, and the same ones byte by byte.
struct ScoredLinesFuzz: FuzzTarget {
    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let bytes = Array(input)
        let whole = output(of: [bytes])
        if output(of: bytes.map { [$0] } + [[]]) != whole { return "another output byte by byte" }
        let newline = UInt8(ascii: "\n")
        let isBlank: (ArraySlice<UInt8>) -> Bool = { $0.isEmpty || $0.elementsEqual([UInt8(ascii: "\r")]) }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
        let lines = text.split(separator: newline).count { !isBlank($0) }
        let rows = whole.count { $0 == newline }
        return rows == lines || rows == lines - 1 ? nil : "\(rows) rows of \(lines) lines"
    }

    private func output(of chunks: [[UInt8]]) -> [UInt8] {
        var scored = ScoredLines()
        var output: [UInt8] = []
        for (index, chunk) in chunks.enumerated() {
            scored.feed(chunk.span, isLast: index == chunks.count - 1, into: &output) { time, value, row in
                row += "\(time.microseconds) \(value),,".utf8
            } problem: { _ in
            }
        }
        return output
    }
}
