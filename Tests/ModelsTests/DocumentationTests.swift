import Alarms
import Models
import Platform
import Testing

@Suite("etc/models/README.md")
struct DocumentationTests {
    private static let examples: [String] = {
        let path = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/etc/models/README.md"
        guard let bytes = try? Files.read(path) else { return [] }
        var examples: [String] = []
        var isInside = false
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if line == "```json" {
                isInside = true
                examples.append("")
            } else if line == "```" {
                isInside = false
            } else if isInside {
                examples[examples.count - 1] += line + "\n"
            }
        }
        return examples
    }()

    @Test("Its examples are models that score as it says")
    func examples() throws {
        try #require(Self.examples.count == 3)
        let models = try Self.examples.map { try ModelFile.read(Array($0.utf8)) }
        #expect(abs(score(models[0], [2.1, 14]) - 0.3318) < 1e-4)
        #expect([[60, 0], [61, 7.5], [61, 8]].map { score(models[1], $0) } == [0.2, 0.9, 0.4])
        #expect(score(models[2], [8]) < 0.5)
        #expect(score(models[2], [9]) > 0.9)
    }
}
