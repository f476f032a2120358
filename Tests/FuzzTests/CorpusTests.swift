import FuzzTargets
import Platform
import Testing

/// The inputs that are kept for the fuzzer, without it: what did harm once never does again.
@Suite struct CorpusTests {
    private static let corpus =
        "\(#filePath)".split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Fuzz/corpus"

    @Test func everyTargetHasACorpus() throws {
        #expect(try Files.list(Self.corpus).sorted() == FuzzTargets.all.keys.sorted())
    }

    @Test(arguments: FuzzTargets.all.keys.sorted())
    func nothingIsWrongWithWhatIsKnown(name: String) throws {
        let target = try #require(FuzzTargets.all[name])
        let directory = "\(Self.corpus)/\(name)"
        for file in try Files.list(directory).sorted() {
            let complaint = try Files.read("\(directory)/\(file)").withUnsafeBytes { target.complaint(about: $0) }
            #expect(complaint == nil, "\(file)")
        }
    }
}
