/// A series that is read at regular intervals, by a clock that may be a little off: which place on that grid each
/// reading has, and how far it lies from there. Of times that jitter, only the jitter is left to be stored.
struct TimeGrid {
    /// A reading whose place is not the next after that of the reading before: something is missing, or came twice.
    struct Jump {
        /// How many readings without a jump come before.
        var readings: Int
        /// How many places on; 1 would be no jump.
        var places: Int64
    }

    /// The period is in units of time divided by 2 to this: over the longest chunk it is off by an eighth of a unit.
    static let fractionBits: Int64 = 16
    /// Fewer readings need not so many bits to be as close; those are 0 in the period.
    static func spareBits(of readings: Int) -> Int64 {
        max(0, 14 - Int64(Int.bitWidth - (readings - 1).leadingZeroBitCount))
    }

    /// Longer spans do not leave room for the fraction.
    private static let longestSpan: Int64 = 1 << 46
    /// In fewer there is little to find.
    private static let leastReadings = 8
    /// With more jumps than one in so many there is no grid to speak of.
    private static let readingsPerJump = 8

    /// By how much of the distance to a reading the grid moves towards it.
    private static let following = 1.0 / 16

    private(set) var period: Int64 = 0
    private(set) var jumps: [Jump] = []
    /// The distance of each reading from its place.
    private(set) var residuals: [Int64] = []
    private var sample: [Int64] = []
    private var spacings: [Int64] = []

    /// Takes times in order that begin with 0, which wrap round where there is no room for them; false where they lie
    /// on no grid.
    mutating func fit(_ times: [Int64]) -> Bool {
        guard times.count >= Self.leastReadings, let last = times.last, (0..<Self.longestSpan).contains(last),
            case let spacing = usualSpacing(times), spacing > 0,
            let slope = findPlaces(of: times, spacing: spacing), slope < Double(Self.longestSpan)
        else { return false }
        let spareBits = Self.spareBits(of: times.count)
        period = Int64((slope * Double(1 << (Self.fractionBits - spareBits))).rounded()) << spareBits
        collectResiduals(times)
        return true
    }

    /// Whether the distances from the grid take less than those from each reading to the next.
    mutating func isCloser(than times: [Int64]) -> Bool {
        spacings.replace(byDifferencesOf: times)
        return residuals.span.estimatedBits < spacings.span.estimatedBits
    }

    /// The median of some of the distances between neighbours.
    private mutating func usualSpacing(_ times: [Int64]) -> Double {
        sample.removeAll(keepingCapacity: true)
        for index in stride(from: 1, to: times.count, by: times.count / 32 + 1) {
            sample.append(times[index] - times[index - 1])
        }
        sample.sort()
        return Double(sample[sample.count / 2])
    }

    /// Gives each reading the place that it lies closest to, where the grid follows the readings slowly: a reading
    /// that comes late does not push on those after it. Returns the period that fits all best, by least squares.
    private mutating func findPlaces(of times: [Int64], spacing: Double) -> Double? {
        jumps.removeAll(keepingCapacity: true)
        let mostJumps = times.count / Self.readingsPerJump
        var sums = SlopeSums()
        var place = 0.0
        var expected = 0.0
        var readings = 0
        for index in times.indices.dropFirst() {
            let time = Double(times[index])
            var distance = time - expected - spacing
            var places = 1.0
            if distance.magnitude > spacing / 2 {
                places = ((time - expected) / spacing).rounded()
                distance = time - expected - places * spacing
                guard jumps.count < mostJumps else { return nil }
                jumps.append(Jump(readings: readings, places: Int64(places)))
                readings = 0
            } else {
                readings += 1
            }
            place += places
            expected = time - distance * (1 - Self.following)
            sums.add(place, time)
        }
        return sums.slope
    }

    private mutating func collectResiduals(_ times: [Int64]) {
        residuals.removeAll(keepingCapacity: true)
        Self.forEachStretch(of: times.count, jumps, period: period) { readings, before in
            var place = before
            let times = times.span.extracting(readings)
            residuals.append(readings.count) { reading in
                place &+= period
                return times[unchecked: reading] &- place >> Self.fractionBits
            }
        }
    }

    /// Calls `body` with each stretch of readings whose places follow each other, and with the place before the first
    /// of them: a multiple of the period, wrapped round where there is no room for it. The jumps are of no more
    /// readings than there are.
    @inline(__always)
    static func forEachStretch(
        of readings: Int, _ jumps: [Jump], period: Int64, _ body: (_ readings: Range<Int>, _ place: Int64) -> Void
    ) {
        var next = 0
        var place = 0 &- period
        for jump in jumps {
            let end = next + 1 + jump.readings
            body(next..<end, place)
            place &+= period &* (Int64(end - next) &+ jump.places &- 1)
            next = end
        }
        body(next..<readings, place)
    }
}

/// The sums from which least squares find the slope of a line, over points of which the first is (0, 0).
private struct SlopeSums {
    private var count = 1.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var xy = 0.0

    mutating func add(_ x: Double, _ y: Double) {
        count += 1
        self.x += x
        self.y += y
        xx += x * x
        xy += x * y
    }

    /// Nil where the points have none that goes up.
    var slope: Double? {
        let slope = (count * xy - x * y) / (count * xx - x * x)
        return slope > 0 && slope.isFinite ? slope : nil
    }
}
