/// Why an alarm is not to be heard of.
struct Aside {
    /// Somebody's doing.
    struct Wish: Equatable {
        var by: String
        var because: String
    }

    struct Shelf: Equatable {
        var wish: Wish
        /// By the clock that does not jump, in nanoseconds.
        var until: Int64
        /// For people: microseconds since 1970.
        var untilWall: Int64
    }

    var shelf: Shelf?
    var removal: Wish?
    var isSuppressed = false
    /// It has been said that it is suppressed.
    var isSuppressionTold = false

    var isAny: Bool { shelf != nil || isIdle }
    /// What its condition says is not even followed.
    var isIdle: Bool { removal != nil || isSuppressed }

    /// Over that of its life.
    func state(over state: AlarmState) -> AlarmState {
        if removal != nil { return .outOfService }
        if isSuppressed { return .suppressed }
        return shelf != nil ? .shelved : state
    }
}
