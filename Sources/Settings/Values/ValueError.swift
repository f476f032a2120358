import Payloads

/// Why the text of a value cannot be read, and at which of its bytes; without one the whole value is meant.
struct ValueError: Error, Equatable {
    let message: String
    let offset: Int?

    init(_ message: String, offset: Int? = nil) {
        self.message = message
        self.offset = offset
    }

    init(_ error: MappingError) {
        self.init(error.message, offset: error.offset)
    }
}
