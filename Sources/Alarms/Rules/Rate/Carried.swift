/// An alarm stood already when what has to be remembered for it began: after a restart, or in other hands. It is not over
/// before as much is known as it takes to tell.
struct Carried {
    private var isCarried: Bool
    private var since: Int64?

    init(_ isCarried: Bool) { self.isCarried = isCarried }

    mutating func lasts(at moment: Int64, for span: Int64) -> Bool {
        guard isCarried else { return false }
        guard let since else {
            since = moment
            return true
        }
        isCarried = moment - since < span
        return isCarried
    }
}
