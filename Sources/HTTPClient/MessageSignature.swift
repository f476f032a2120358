import CCrypto

/// What only somebody with the secret can have made of a message: HMAC-SHA256.
public enum MessageSignature {
    private static let byteCount = 32

    public static func hexadecimal(of message: [UInt8], secret: String) -> String {
        var code = [UInt8](repeating: 0, count: byteCount)
        var length: UInt32 = 0
        let key = Array(secret.utf8)
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &length)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
