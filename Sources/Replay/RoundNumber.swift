import Glibc

/// Numbers that people would write.
public enum RoundNumber {
    /// To two digits of a span: 84.17 is 84.2 where the span is 4.17, and 84.17 is 85 where it is 41.
    static func round(_ number: Double, span: Double, _ rule: FloatingPointRoundingRule) -> Double {
        guard number.isFinite, span.isFinite, span > 0 else { return number }
        let exponent = Int(log10(span).rounded(.down)) - 1
        // Up to there powers of ten are exact.
        guard abs(exponent) <= 22 else { return number }
        let power = (0..<abs(exponent)).reduce(1.0) { product, _ in product * 10 }
        let rounded = exponent >= 0 ? (number / power).rounded(rule) * power : (number * power).rounded(rule) / power
        return rounded.isFinite ? rounded : number
    }

    /// Nanoseconds, up to the next step that a person would take.
    public static func up(_ nanoseconds: Double) -> Int64 {
        let steps: [(below: Double, step: Double)] = [
            (10e9, 0.1e9), (120e9, 1e9), (3600e9, 10e9), (86_400e9, 60e9), (.infinity, 3600e9),
        ]
        let step = steps.first { nanoseconds < $0.below }?.step ?? 1e9
        return Int64(min(1e18, (nanoseconds / step).rounded(.up) * step))
    }
}
