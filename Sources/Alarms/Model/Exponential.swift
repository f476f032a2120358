/// e to the power of a number, to 1e-13 of the result. The standard library has none, and one of our own is the same on
/// every machine, as are the scores.
func exponential(_ number: Double) -> Double {
    guard number < 709.79 else { return number.isNaN ? .nan : .infinity }
    guard number > -745.2 else { return 0 }
    // e^number = 2^exponent * e^rest, with a rest of half of ln 2 at most. ln 2 in two parts, of which the product with the
    // first is exact.
    let exponent = (number * 1.4426950408889634).rounded()
    let rest = (number - exponent * 0x1.62e42feep-1) - exponent * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for divisor in stride(from: 13.0, through: 1, by: -1) { sum = sum * rest / divisor + 1 }
    return Double(sign: .plus, exponent: Int(exponent), significand: sum)
}

/// From any number to one between 0 and 1: the logistic function.
func logistic(_ number: Double) -> Double { 1 / (1 + exponential(-number)) }
