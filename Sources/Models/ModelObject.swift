import Alarms
import Payloads

/// An object of the document, with the place that errors name.
struct ModelObject {
    /// More than any object has keys: there is an unknown one among so many, or one twice.
    private static let mostMembers = 64
    private static let mostNumbers = ModelForest.mostNodes

    private let place: String
    private var members: [String: JSONNode] = [:]
    private var keys: [String] = []

    init(_ node: JSONNode, _ place: String) throws(ModelError) {
        self.place = place
        guard case .object = node.value else { throw ModelError(place, "this is no object") }
        for (key, node) in node.members(most: Self.mostMembers) {
            guard members.updateValue(node, forKey: key) == nil else {
                throw ModelError(place, "the key \(key.debugDescription) is there twice")
            }
            keys.append(key)
        }
    }

    func refuse(otherThan known: [String]) throws(ModelError) {
        guard let key = keys.first(where: { !known.contains($0) }) else { return }
        let others = known.joined(separator: ", ")
        throw ModelError(place, "unknown key \(key.debugDescription); known are \(others)")
    }

    func has(_ key: String) -> Bool { members[key] != nil }

    func node(_ key: String) throws(ModelError) -> JSONNode {
        guard let node = members[key] else { throw ModelError(path(key), "this is missing") }
        return node
    }

    func number(_ key: String, otherwise: Double? = nil) throws(ModelError) -> Double {
        if let otherwise, !has(key) { return otherwise }
        guard case .number(let number) = try node(key).value else { throw ModelError(path(key), "this is no number") }
        return number
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, otherwise: Word?
    ) throws(ModelError) -> Word {
        if let otherwise, !has(key) { return otherwise }
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .text(let text) = try node(key).value else {
            throw ModelError(path(key), "this is none of \(known)")
        }
        guard let word = Word(rawValue: text) else {
            throw ModelError(path(key), "\(text.debugDescription) is none of \(known)")
        }
        return word
    }

    func elements(_ key: String, most: Int) throws(ModelError) -> [JSONNode] {
        try array(key, most: most).elements(most: most)
    }

    func numbers(_ key: String) throws(ModelError) -> [Double] {
        let array = try array(key, most: Self.mostNumbers)
        let numbers = array.numbers(most: Self.mostNumbers)
        guard numbers.count == array.count else {
            throw ModelError("\(path(key))[\(numbers.count)]", "this is no number")
        }
        return numbers
    }

    func wholeNumbers(_ key: String) throws(ModelError) -> [Int] {
        var whole: [Int] = []
        for (index, number) in try numbers(key).enumerated() {
            guard let number = Int(exactly: number) else {
                throw ModelError("\(path(key))[\(index)]", "\(number) is no whole number")
            }
            whole.append(number)
        }
        return whole
    }

    private func array(_ key: String, most: Int) throws(ModelError) -> JSONNode {
        let node = try node(key)
        guard case .array = node.value else { throw ModelError(path(key), "this is no array") }
        guard node.count <= most else {
            throw ModelError(path(key), "\(node.count) entries, where \(most) are the most")
        }
        return node
    }

    private func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }
}
