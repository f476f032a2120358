/// Why a text of the configuration cannot be read, and at which of its bytes.
public struct DeliveryTextError: Error, Equatable {
    public let message: String
    public let offset: Int

    init(_ message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}
