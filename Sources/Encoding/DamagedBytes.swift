/// What a reader of columns finds wrong; the public decoders say in what.
package struct DamagedBytes: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
