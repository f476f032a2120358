extension Duration {
    /// Up to 73 years, which is more than any setting: to a moment of the clock it can be added.
    var nanoseconds: Int64 {
        let most: Int64 = 1 << 61
        let (seconds, attoseconds) = components
        guard seconds.magnitude < most.magnitude / 1_000_000_000 else { return seconds < 0 ? -most : most }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
