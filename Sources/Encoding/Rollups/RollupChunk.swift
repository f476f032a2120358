/// The bytes of a history row of rollups: those of one series and width, in order of time. What encoder and decoder
/// agree on.
///
///     version  content  checksum, 8 bytes, which covers the label too
///
/// The content, every number a varint unless said:
///
///     rollups; nothing more follows when there are none
///     flags (a byte): whether there are texts (1), bad readings (2)
///     where the first numbers lie: the start in widths times 4096, plus the lead, as a `TimeColumn`
///     the counts of numbers, and of texts and bad readings where the flags say so: an integer column each
///
/// and then, of the rollups that have numbers, where any have: a form (a byte), and
///
///     decimals: each property as whole numbers, by their distance to what is known already (see `WholeRollup`): of
///         flat rollups the first numbers and sums, else the first, last, smallest, and largest numbers, and the sums;
///         an integer column each. Those of the first four (one after the other) that do not come from decimals:
///         see `DecimalColumn`. Then an integer column of what the bits of the sums are above those of the decimals.
///     bits, flat: the bits of the first numbers as a `ChunkNumberForm`; an integer column of what the bits of the
///         sums are above those of the number times the count
///     bits: the first and the last numbers; an integer column of which of the two is the smallest (0 neither, 1
///         first, 2 last) plus 3 times the same for the largest; the other smallest and largest numbers; the sums,
///         each XORed with the sum of the first and the last where there are no more numbers than that. All as
///         `ChunkNumberForm`.
///     averages, where not flat: their distances to what the other properties let expect, as an integer column
///
/// The form: the exponent of the decimals, or 7 for bits; plus 8 where in each rollup all numbers are the same; plus
/// 16 times the `WholeRollup.Guess`.
public enum RollupChunk {
    public static let maximumRows = 16_384

    static let version: UInt8 = 1

    static let hasTexts: UInt8 = 1
    static let hasBad: UInt8 = 2
    static let flags = hasTexts | hasBad
}

struct RollupForm {
    private static let bits: UInt8 = 7
    private static let flat: UInt8 = 8

    /// Of decimals; nil for bits.
    var exponent: Int?
    var isFlat: Bool
    var guess = WholeRollup.Guess.ends

    init(exponent: Int?, isFlat: Bool) {
        self.exponent = exponent
        self.isFlat = isFlat
    }

    init?(_ byte: UInt8) {
        guard let guess = WholeRollup.Guess(rawValue: byte >> 4) else { return nil }
        self.init(exponent: byte & 7 == Self.bits ? nil : Int(byte & 7), isFlat: byte & Self.flat != 0)
        self.guess = guess
    }

    var byte: UInt8 { (exponent.map(UInt8.init) ?? Self.bits) | (isFlat ? Self.flat : 0) | guess.rawValue << 4 }
}

extension Rollup {
    /// No bucket has so many readings, and their sum is never too large either.
    private static let readings = 0...1 << 48

    var isWithinLimits: Bool {
        Self.readings.contains(count) && Self.readings.contains(texts) && Self.readings.contains(bad)
            && (0..<Self.steps).contains(lead) && (0...Self.steps).contains(average)
    }

    /// All numbers are the same 64 bits.
    var isFlat: Bool {
        let bits = first.bitPattern
        return last.bitPattern == bits && min.bitPattern == bits && max.bitPattern == bits
    }

    /// The sum of those numbers that are there one by one; 0 where there are more.
    var sumOfEnds: Double {
        switch count {
        case 1: first
        case 2: first + last
        default: 0
        }
    }

    /// The average as it would be if the readings came at regular intervals: each stands for the same time, the last
    /// one for what is left of the bucket.
    var expectedAverage: Int {
        let numbers = Double(count)
        let span = 1 - Double(lead) / Double(Self.steps)
        let each = numbers - 1 <= span * numbers ? 1 / numbers : span / numbers
        let rest = span - each * (numbers - 1)
        let area = (sum - numbers * min) * each + (last - min) * (rest - each)
        return Self.step(of: area / span / (max - min))
    }
}

extension Double {
    /// How many doubles it lies above another one, where neither is near a change of sign; any two numbers give what
    /// `advanced` takes.
    func steps(from other: Double) -> Int64 { Int64(bitPattern: bitPattern &- other.bitPattern) }

    func advanced(bySteps steps: Int64) -> Double { Double(bitPattern: bitPattern &+ UInt64(bitPattern: steps)) }
}
