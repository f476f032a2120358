/// A bucket of time that rollups are gathered for.
struct Bucket {
    /// A multiple of the width. What lies before the first multiple that there is room for belongs to the bucket
    /// there, too.
    let start: Int64
    /// The last moment inside.
    let end: Int64

    init(around time: Int64, width: Int64) {
        let remainder = time % width
        let (floored, overflow) = (time - remainder).subtractingReportingOverflow(remainder < 0 ? width : 0)
        start = overflow ? time - remainder : floored
        let (last, isLate) = start.addingReportingOverflow(width - 1)
        end = isLate ? .max : last
    }

    /// From the start of the bucket, in 4096ths of its width.
    func lead(to time: Int64, width: Int64) -> Int {
        time > start ? Int((time - start) * Int64(Rollup.steps) / width) : 0
    }
}
