/// PUBLISH packets of MQTT 3.1.1 in one piece of memory, to be sent again and again.
struct PublishPackets {
    /// Packet identifiers at QoS 1 count from 1 to this: so many may be without an answer at any time.
    static let count = 2000

    private(set) var bytes: [UInt8] = []
    /// Where each packet begins, and the end of the last.
    private var starts = [0]

    init(_ load: MQTTLoad) {
        for number in 0..<Self.count {
            bytes += Self.packet(
                topic: MQTTLoad.topics[number % MQTTLoad.topics.count], payload: load.text(number),
                identifier: load.qos == 0 ? nil : UInt16(number + 1))
            starts.append(bytes.count)
        }
    }

    subscript(packets: Range<Int>) -> ArraySlice<UInt8> {
        bytes[starts[packets.lowerBound]..<starts[packets.upperBound]]
    }

    /// At QoS 1 with an identifier, at QoS 0 without.
    static func packet(topic: String, payload: String, identifier: UInt16?, isRetained: Bool = false) -> [UInt8] {
        let variable = twoBytes(UInt16(topic.utf8.count)) + topic.utf8 + (identifier.map(twoBytes) ?? [])
        let type = 0x30 | (identifier == nil ? 0 : 0x02) | (isRetained ? 0x01 : 0) as UInt8
        return [type] + length(variable.count + payload.utf8.count) + variable + payload.utf8
    }

    private static func twoBytes(_ number: UInt16) -> [UInt8] {
        [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    /// Seven bits a byte, the lowest first.
    private static func length(_ length: Int) -> [UInt8] {
        length < 128 ? [UInt8(length)] : [UInt8(length & 127) | 128] + Self.length(length >> 7)
    }
}
