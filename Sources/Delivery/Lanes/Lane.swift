/// What goes upstream, in the order in which it goes: alarms, what has just arrived, and what is left of before.
public enum Lane: Int, Sendable, CaseIterable {
    case alarms, fresh, backlog
}
