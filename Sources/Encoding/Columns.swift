/// Loops over whole columns. They know their bounds before they begin and do not look at them for each element, so
/// that the compiler can handle several elements at once.
extension Array {
    /// Appends so many elements, each made from its number.
    @inline(__always)
    mutating func append(_ count: Int, _ element: (Int) -> Element) {
        append(addingCapacity: count) { output in
            output.withUnsafeMutableBufferPointer { buffer, filled in
                for index in 0..<count { buffer.initializeElement(at: filled + index, to: element(index)) }
                filled += count
            }
        }
    }

    /// The same element so many times.
    @inline(__always)
    mutating func append(repeating element: Element, count: Int) { append(count) { _ in element } }
}
