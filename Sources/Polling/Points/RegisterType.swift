/// How a value lies in registers.
public enum RegisterType: String, Sendable, CaseIterable {
    case bool
    case u16
    case i16
    case u32
    case i32
    case u64
    case i64
    case f32
    case f64
    /// Four or eight decimal digits.
    case bcd16
    case bcd32
    case text = "string"

    /// In bytes; nil for a text, which has as many as one says.
    public var byteCount: Int? {
        switch self {
        case .bool, .u16, .i16, .bcd16: 2
        case .u32, .i32, .f32, .bcd32: 4
        case .u64, .i64, .f64: 8
        case .text: nil
        }
    }

    /// The whole numbers that it can hold; nil for what is no whole number.
    var wholeNumbers: ClosedRange<Double>? {
        switch self {
        case .bool: 0...1
        case .u16: 0...65_535
        case .i16: -32_768...32_767
        case .u32: 0...4_294_967_295
        case .i32: -2_147_483_648...2_147_483_647
        // A double beyond 2^53 stands for several of them.
        case .u64: 0...9_007_199_254_740_992
        case .i64: -9_007_199_254_740_992...9_007_199_254_740_992
        case .bcd16: 0...9999
        case .bcd32: 0...99_999_999
        case .f32, .f64, .text: nil
        }
    }
}
