import Alarms

/// Limits around what a series usually is.
struct LimitSuggestion {
    private let low: Double
    private let middle: Double
    private let high: Double
    /// Of the middle half of the readings; of nearly all, or of all, where those are the same.
    private let spread: Double
    private let least: Double
    private let greatest: Double
    private let noise: Double

    init(_ profile: SeriesProfile) {
        let sorted = profile.sorted
        func quantile(_ share: Double) -> Double { sorted.quantile(share) ?? .nan }
        (low, middle, high) = (quantile(0.001), quantile(0.5), quantile(0.999))
        (least, greatest) = (profile.least, profile.greatest)
        let spreads = [quantile(0.75) - quantile(0.25), quantile(0.95) - quantile(0.05), greatest - least]
        spread = spreads.first { $0 > 0 } ?? 0
        noise = profile.steps.quantile(0.5) ?? 0
    }

    /// Nil where no sound limits can be made.
    var section: Suggestion.Section? {
        let range = greatest - least
        let above = RoundNumber.round(high + spread / 2, span: spread, .up)
        let below = RoundNumber.round(low - spread / 2, span: spread, .down)
        let worseAbove = max(RoundNumber.round(greatest + range / 10, span: spread, .up), further(above, 1))
        let worseBelow = min(RoundNumber.round(least - range / 10, span: spread, .down), further(below, -1))
        // With numbers so large, or so near each other, that halves of a spread are lost there is nothing to be said.
        guard spread > 0, worseBelow.isFinite, worseAbove.isFinite, worseBelow < below, below < low, high < above,
            above < worseAbove
        else { return nil }
        let hasLower = least < 0 || below > 0
        var settings: [(Suggestion.Setting, String)] = [
            (
                .level(.warning, above: above, below: hasLower ? below : nil),
                "99.8 % of the readings are from \(text(low)) to \(text(high)): past that by half of the usual spread (\(text(spread)))."
                    + (hasLower ? "" : " It has never been below 0, but near it: no lower limit.")
            ),
            (
                .level(
                    .critical, above: worseAbove, below: hasLower && (least < 0 || worseBelow > 0) ? worseBelow : nil),
                "It was never below \(text(least)) or above \(text(greatest)): past that by a tenth of the range."
            ),
        ]
        let deadband = RoundNumber.round(min(noise, (above - middle) / 2, (middle - below) / 2), span: noise, .up)
        if deadband > 0, deadband < above - middle, deadband < middle - below {
            settings.append((.deadband(deadband), "Half of its steps are no larger than \(text(noise))."))
        }
        return Suggestion.Section(word: "limits", settings: settings)
    }

    private func further(_ limit: Double, _ direction: Double) -> Double {
        RoundNumber.round(limit + direction * spread / 2, span: spread, direction > 0 ? .up : .down)
    }

    private func text(_ number: Double) -> String {
        MessageTemplate.text(RoundNumber.round(number, span: spread / 10, .toNearestOrEven))
    }
}
