import Alarms

final class AlarmActions: Sendable {
    var traits: [ActionTraits] { [] }
    func submit(_ request: ActionRequest, to action: String) {}
    func redo(_ request: ActionRequest, _ action: String) {}
    func moves(_ names: [String]) -> Bool { false }
}
