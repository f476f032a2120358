/// What a file of readings for measurements holds, as little-endian bytes: the number of the series (4), milliseconds
/// since 1970 (8), the value (8).
struct BenchReading: Equatable {
    static let size = 20

    var series: Int32
    var milliseconds: Int64
    var value: Double
}
