/// Knows a message again that a broker sends a second time because it never heard of the first: then it arrived when it
/// arrived, and a reading that is stamped on arrival is the same (series, time) and stored once.
///
/// A broker repeats what it is owed under the same identifier. (The library does not pass on the flag by which it says
/// so.) What this forgets, and everything after a crash, comes as a new message: at least once.
struct Redeliveries {
    struct Message: Equatable {
        var id: UInt16
        /// Of topic and payload: an identifier is used again for other messages.
        var hash: UInt64
        var arrival: Int64
    }

    /// Acknowledged messages that are kept in mind: the broker may not have heard of them.
    private static let mostAcknowledged = 1024

    /// In the order of arrival; those before `firstOwed` are acknowledged.
    private var messages: [Message] = []
    private var firstOwed = 0
    /// Of connections that ended, by identifier.
    private var mayComeAgain: [UInt16: Message] = [:]
    /// After so many more messages that is over.
    private var patience = 0

    mutating func note(_ message: Message) { messages.append(message) }

    /// So many of the oldest are acknowledged.
    mutating func noteAcknowledged(_ count: Int) {
        firstOwed = min(firstOwed + count, messages.count)
        if firstOwed >= 2 * Self.mostAcknowledged {
            messages.removeFirst(firstOwed - Self.mostAcknowledged)
            firstOwed = Self.mostAcknowledged
        }
    }

    mutating func connectionEnded() {
        for message in messages { mayComeAgain[message.id] = message }
        messages.removeAll(keepingCapacity: true)
        firstOwed = 0
    }

    /// The broker has taken us back; only with the old session does it know what it owes.
    mutating func connected(sessionPresent: Bool) {
        if !sessionPresent { mayComeAgain = [:] }
        patience = mayComeAgain.count
    }

    /// When this message arrived for the first time, if it has before.
    mutating func firstArrival(id: UInt16, hash: UInt64) -> Int64? {
        guard !mayComeAgain.isEmpty else { return nil }
        defer {
            patience -= 1
            if patience <= 0 { mayComeAgain = [:] }
        }
        guard let message = mayComeAgain[id], message.hash == hash else { return nil }
        mayComeAgain[id] = nil
        return message.arrival
    }
}
