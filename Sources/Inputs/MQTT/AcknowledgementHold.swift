/// What libmosquitto wanted to send, kept back until it is true.
///
/// An acknowledgement must not leave before its message is durable, and libmosquitto queues it before it hands the
/// message over. So what it writes is caught, labelled with the submission that has to be committed first, and let go
/// in order. Reading never waits for a commit, however slow the disk.
struct AcknowledgementHold {
    private struct Segment {
        var ticket: UInt64
        var bytes: [UInt8]
        var messages: Int
    }

    private var segments: [Segment] = []
    /// Let go, not yet taken by the connection.
    private var leaving: ArraySlice<UInt8> = []

    /// Whether what acknowledges nothing must wait, too: an encrypted connection is one stream of records.
    private let keepsOrder: Bool

    init(keepsOrder: Bool = false) { self.keepsOrder = keepsOrder }

    /// How many messages the held bytes acknowledge.
    private(set) var heldMessages = 0

    /// Bytes that acknowledge so many messages, and must not leave before submission `ticket` is committed.
    mutating func hold(_ bytes: [UInt8], messages: Int, until ticket: UInt64) {
        guard !bytes.isEmpty else { return }
        heldMessages += messages
        if let last = segments.indices.last, segments[last].ticket == ticket {
            segments[last].bytes += bytes
            segments[last].messages += messages
        } else {
            segments.append(Segment(ticket: ticket, bytes: bytes, messages: messages))
        }
    }

    /// Whole packets that acknowledge nothing (a ping, a subscription): they overtake what is held, where that can be.
    mutating func sendNow(_ bytes: [UInt8]) {
        if keepsOrder, !segments.isEmpty {
            segments[segments.count - 1].bytes += bytes
        } else {
            leaving += bytes
        }
    }

    /// What may leave now that all submissions up to `committed` are durable.
    mutating func release(committed: UInt64) -> ArraySlice<UInt8> {
        let ready = segments.prefix { $0.ticket <= committed }
        if !ready.isEmpty {
            for segment in ready {
                leaving += segment.bytes
                heldMessages -= segment.messages
            }
            segments.removeFirst(ready.count)
        }
        return leaving
    }

    /// The connection has taken so many of the released bytes.
    mutating func sent(_ count: Int) {
        leaving.removeFirst(count)
        if leaving.isEmpty { leaving = [] }
    }

    /// Whether released bytes wait for the connection.
    var wantsToSend: Bool { !leaving.isEmpty }
}
