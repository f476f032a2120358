/// When a point has its turn that is wanted less often than it is read: once in each of its own periods, in the first request
/// of it that is made, however many were missed or went without before.
///
/// A request that brings no answer is a turn without a value. It is made up for by the next answer: who asks for a value each
/// hour does not go without for two hours because one of its requests was lost.
public struct PointTurn: Sendable, Hashable {
    /// By number; none yet before the first request, which has all points.
    private var lastPeriod: Int64 = -1
    private var isOwed = false

    public init() {}

    /// Whether it has its turn in a request, and that it has had it. `moment` is the number of the request's moment, of which
    /// each `everyNth` begins a period of the point.
    public mutating func comes(at moment: Int64, everyNth: Int, isAnswered: Bool) -> Bool {
        let period = moment / Int64(everyNth)
        guard period > lastPeriod || isOwed && isAnswered else { return false }
        lastPeriod = period
        isOwed = !isAnswered
        return true
    }
}
