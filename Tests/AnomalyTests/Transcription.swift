/// The detector as its description has it, line by line: arrays of everything, and sums made anew for each reading. Slow,
/// and written without a look at the one that it is there to check.
struct Transcription {
    struct Result {
        var score: Double
        var alert: Bool
        var severe: Bool
        /// -1: none.
        var channel: Int
    }

    struct Channel {
        var k = 0
        var lo = 0.0
        var hi = 0.0
        var mu = 0.0
    }

    var n = 0
    var c = 0.0
    var s = 0.0
    var m = 0.0
    var z: [Int] = []
    var profile = [Double?](repeating: nil, count: 24)
    var visits = [Int](repeating: 0, count: 24)
    var hour = -1
    var valuesOfHour: [Double] = []
    var differences: [Double] = []
    var channels = [Channel](repeating: Channel(), count: 5)
    var lastTime = 0.0
    /// Of the last alert.
    var alertAt: Int?
    var alertWasSevere = false

    mutating func take(_ v: Double, t: Double, hour nowHour: Int) -> Result {
        let dt = n == 0 ? 0 : max(0, t - lastTime)
        lastTime = t
        scale(v)
        let f = views(v, dt, nowHour)

        let young = 0.02 * max(0, logarithm(5000.0 / Double(n + 1)))
        let shrink = min(3e-5, 1e-7 * dt)
        var best = 0.0
        var channelOfBest = -1
        for (index, value) in f.enumerated() {
            guard let value else { continue }
            var channel = channels[index]
            if channel.k == 0 { (channel.lo, channel.hi, channel.mu) = (value, value, value) }
            let w = channel.hi - channel.lo
            if channel.k >= 100, w > 0 {
                let outside = value > channel.hi ? value - channel.hi : value < channel.lo ? channel.lo - value : 0
                let x = outside / w - young
                if x > best { (best, channelOfBest) = (x, index) }
            }
            channel.mu += (value - channel.mu) * max(1.0 / Double(channel.k + 1), shrink)
            if value > channel.hi { channel.hi = value } else { channel.hi -= shrink * (channel.hi - channel.mu) }
            if value < channel.lo { channel.lo = value } else { channel.lo += shrink * (channel.mu - channel.lo) }
            channel.k += 1
            channels[index] = channel
        }

        var score = best / (best + 0.025)
        let severe = best >= 0.1
        var alert = false
        if best >= 0.025 {
            if let at = alertAt { alert = n - at >= 75 || (severe && !alertWasSevere) } else { alert = true }
        }
        if alert {
            (alertAt, alertWasSevere) = (n, severe)
            for (index, value) in f.enumerated() {
                guard let value else { continue }
                let w = channels[index].hi - channels[index].lo
                let (isHigh, isLow) = (value >= channels[index].hi, value <= channels[index].lo)
                if isHigh { channels[index].hi += 0.05 * w }
                if isLow { channels[index].lo -= 0.05 * w }
            }
        } else if score >= 0.5 {
            score *= 0.5
        }
        n += 1
        return Result(score: score, alert: alert, severe: severe, channel: channelOfBest)
    }

    private mutating func scale(_ v: Double) {
        let a = max(1.0 / Double(n + 1), 1.0 / 5000.0)
        if n == 0 { c = v }
        let d = v - c
        c += a * (n <= 10 ? d : max(-3 * s, min(3 * s, d)))
        s += a * ((n <= 10 || s == 0 ? abs(d) : min(abs(d), 4 * s)) - s)
        z.append(s == 0 ? 0 : Int((max(-8, min(8, (v - c) / s)) * 2048).rounded()))
    }

    private mutating func views(_ v: Double, _ dt: Double, _ nowHour: Int) -> [Double?] {
        if n == 0 { m = v }
        m += max(1.0 / 96.0, 1.0 / Double(n + 1)) * (v - m)
        var f: [Double?] = [v, v - m, daily(v, dt, nowHour), nil, nil]
        if n >= 32 { f[3] = Double(z.suffix(32).reduce(0, +)) / 32 / 2048 }
        if n >= 96 {
            let last = Array(z.suffix(97))
            var sum = 0
            for i in 1..<97 { sum += abs(last[i] - last[i - 1]) }
            f[4] = Double(sum) / 96 / 2048
        }
        return f
    }

    private mutating func daily(_ v: Double, _ dt: Double, _ nowHour: Int) -> Double? {
        if hour >= 0, nowHour != hour || dt >= 3600 {
            let mean = mean(of: valuesOfHour)
            if let old = profile[hour] {
                profile[hour] = old + max(0.3, 1.0 / Double(visits[hour] + 1)) * (mean - old)
            } else {
                profile[hour] = mean
            }
            visits[hour] += 1
            valuesOfHour = []
        }
        hour = nowHour
        valuesOfHour.append(v)
        guard let usual = profile[nowHour] else { return nil }
        differences.append(v - usual)
        return differences.count >= 24 ? mean(of: Array(differences.suffix(24))) : nil
    }
}

/// To the nearest double, or next to it: the sum with what its additions lost, and the quotient with what it lost.
func mean(of values: [Double]) -> Double {
    var sum = 0.0
    var lost = 0.0
    for value in values {
        let next = sum + value
        lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
        sum = next
    }
    let count = Double(values.count)
    let quotient = sum / count
    return quotient + (sum.addingProduct(-quotient, count) + lost) / count
}
