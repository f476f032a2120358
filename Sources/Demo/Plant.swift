import Glibc

/// A small works that behaves: a press hall, a boiler house and the yard. Pure: the same time and generator give the
/// same messages.
struct Plant {
    struct Message {
        var topic: String
        var payload: String
    }

    private var generator: any RandomNumberGenerator
    private var boilerTemperature = 71.0
    private var isBurning = true
    private var tankLevel = 64.0
    private var bearing = [0.42, 0.38, 0.45]
    private var pieces = [1200, 1150, 980]
    private var energy = 48_210.4
    private var yardHasSpoken = false

    init(generator: any RandomNumberGenerator) { self.generator = generator }

    /// What the plant says in this second.
    mutating func step(second: Int, microseconds: Int64) -> [Message] {
        boilerHouse() + pressHall(second, microseconds) + yard(second)
    }

    /// A burner with two switching points, and what follows from it. One number a topic.
    private mutating func boilerHouse() -> [Message] {
        if boilerTemperature > 74 { isBurning = false }
        if boilerTemperature < 66 { isBurning = true }
        boilerTemperature += (isBurning ? 0.11 : -0.07) + noise(0.03)
        return [
            number("plant/boiler/temperature", boilerTemperature, 1),
            number("plant/boiler/pressure", 1.2 + boilerTemperature / 90 + noise(0.01), 2),
            number("plant/boiler/flow", isBurning ? 42 + noise(0.8) : 35 + noise(0.8), 1),
            Message(topic: "plant/boiler/burner", payload: isBurning ? "ON" : "OFF"),
        ]
    }

    /// Three presses, several values in one document.
    private mutating func pressHall(_ second: Int, _ microseconds: Int64) -> [Message] {
        var load = 0.0
        var messages: [Message] = []
        for press in 0..<3 {
            let stroke = (second + press * 7) % 20
            let isRunning = stroke < 16
            if isRunning, stroke % 4 == 0 { pieces[press] += 1 }
            bearing[press] = max(0.2, bearing[press] + noise(0.004))
            let force = isRunning ? 1800 + 600 * sin(Double(stroke) * .pi / 8) + noise(15) : 0
            load += isRunning ? 11.5 + noise(0.4) : 2.1
            let state = isRunning ? "RUNNING" : "IDLE"
            messages.append(
                Message(
                    topic: "machines/press-\(press + 1)",
                    payload: """
                        {"ts":\(microseconds / 1000),"force":\(fixed(force, 1)),"vibration":\
                        \(fixed(bearing[press] + noise(0.02), 3)),"pieces":\(pieces[press]),"state":"\(state)"}
                        """))
        }
        energy += load / 3600
        messages.append(number("plant/hall/power", load, 2))
        messages.append(number("plant/hall/energy", energy, 3))
        return messages
    }

    /// Slow things: at first, and then every five seconds.
    private mutating func yard(_ second: Int) -> [Message] {
        guard second % 5 == 0 || !yardHasSpoken else { return [] }
        yardHasSpoken = true
        tankLevel = tankLevel < 12 ? 95 : tankLevel - 0.02
        let day = Double(second % 86_400) / 86_400 * 2 * .pi
        return [
            number("plant/yard/tank-level", tankLevel + noise(0.05), 1),
            number("plant/yard/outside", 9 - 6 * cos(day) + noise(0.1), 1),
        ]
    }

    private func number(_ topic: String, _ value: Double, _ decimals: Int) -> Message {
        Message(topic: topic, payload: fixed(value, decimals))
    }

    /// Roughly normal: the sum of twelve even ones.
    private mutating func noise(_ deviation: Double) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += Double.random(in: 0..<1, using: &generator) }
        return sum * deviation
    }
}

/// A number with so many decimals, as devices write it.
private func fixed(_ value: Double, _ decimals: Int) -> String {
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let scaled = (value.magnitude * power).rounded()
    let whole = Int64(scaled / power)
    let fraction = String(Int64(scaled) - whole * Int64(power))
    let digits = decimals == 0 ? "" : "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    return (value < 0 ? "-" : "") + "\(whole)" + digits
}
