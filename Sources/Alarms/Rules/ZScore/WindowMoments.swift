/// How many values there were, their mean, and the sum of the squares of how far they lie from it: added up without the loss
/// that large numbers with a small spread would have.
struct Moments {
    var count: Int64 = 0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    mutating func add(_ other: Moments) {
        guard other.count > 0 else { return }
        let (own, all) = (Double(count), Double(count + other.count))
        let distance = other.mean - mean
        mean += distance * Double(other.count) / all
        squares += other.squares + distance * distance * own * Double(other.count) / all
        count += other.count
    }
}

/// The moments of the values in a window that moves on, in parts of which the oldest one leaves at a time: so it is as long
/// as it is to be, or by a part longer.
struct WindowMoments {
    private static let parts: Int64 = 32

    private let width: Int64
    /// In a ring: by the number of the part, and that number.
    private var ring = Array(repeating: (part: Int64.min, moments: Moments()), count: Int(parts) + 1)
    /// Of all parts but the current one.
    private var before = Moments()
    private var current: Int64 = .min

    init(width: Int64) { self.width = max(1, width / Self.parts) }

    mutating func moments(at moment: Int64) -> Moments {
        move(to: moment)
        var all = before
        all.add(ring[index(of: current)].moments)
        return all
    }

    mutating func add(_ value: Double, at moment: Int64) {
        move(to: moment)
        ring[index(of: current)].moments.add(value)
    }

    private func index(of part: Int64) -> Int {
        let count = Int64(ring.count)
        return Int((part % count + count) % count)
    }

    /// Time does not go back here: what seems to is of the current part.
    private mutating func move(to moment: Int64) {
        let part = moment / width
        guard part > current else { return }
        current = part
        ring[index(of: part)] = (part, Moments())
        before = Moments()
        for entry in ring where entry.part < part && entry.part >= part - Self.parts { before.add(entry.moments) }
    }
}
