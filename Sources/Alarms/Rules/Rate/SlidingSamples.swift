/// Values with their moments in a ring of a fixed size: nothing is allocated once it is made. What has no room takes the
/// place of the oldest.
struct SlidingSamples {
    private var moments: [Int64]
    private var values: [Double]
    private var head = 0
    private(set) var count = 0

    init(most: Int) {
        moments = Array(repeating: 0, count: most)
        values = Array(repeating: 0, count: most)
    }

    var first: (moment: Int64, value: Double)? { count == 0 ? nil : (moments[head], values[head]) }

    private var lastMoment: Int64? { count == 0 ? nil : moments[(head + count - 1) % moments.count] }

    mutating func add(_ value: Double, at moment: Int64, spacing: Int64 = 0) {
        if spacing > 0, let lastMoment, moment - lastMoment < spacing { return }
        if count == moments.count { removeFirst() }
        let place = (head + count) % moments.count
        (moments[place], values[place]) = (moment, value)
        count += 1
    }

    mutating func forget(before moment: Int64, keepingLast: Bool = false) {
        while count > (keepingLast ? 1 : 0), moments[head] < moment { removeFirst() }
    }

    mutating func removeAll() { (head, count) = (0, 0) }

    private mutating func removeFirst() {
        head = (head + 1) % moments.count
        count -= 1
    }
}
