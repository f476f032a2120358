import Glibc
import Platform
import TestSupport
import Testing

@Suite struct FilesTests {
    private let directory = TemporaryDirectory()

    private func path(_ name: String) -> String { directory.path + "/" + name }

    /// Runs a body that must fail, and gives the system's reason.
    private func code(_ body: () throws -> Void) -> Int32? {
        #expect(throws: SystemError.self, performing: body)?.code
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 300_000]) func whatIsWrittenIsRead(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        try Files.write(bytes, to: path("file"))
        #expect(try Files.read(path("file")) == bytes)
        #expect(try Files.read(path("file"), limit: count) == bytes)
        #expect(Files.size(path("file")) == count)
        if count > 0 {
            #expect(code { _ = try Files.read(path("file"), limit: count - 1) } == EFBIG)
        }
    }

    @Test func readingStopsAtTheLimitOfAFileWithoutEnd() {
        #expect(code { _ = try Files.read("/dev/zero", limit: 1_000_000) } == EFBIG)
    }

    @Test func errorsNameTheFileAndTheReason() throws {
        let missing = #expect(throws: SystemError.self) { try Files.read(path("missing")) }
        #expect(missing?.description == "cannot open \(path("missing")): No such file or directory")
        let isDirectory = #expect(throws: SystemError.self) { try Files.read(directory.path) }
        #expect(isDirectory?.description == "cannot read \(directory.path): Is a directory")
        #expect(code { _ = try Files.list(path("missing")) } == ENOENT)
        #expect(code { _ = try Files.head(path("missing"), count: 1) } == ENOENT)
        #expect(code { try Files.remove(path("missing")) } == ENOENT)
        #expect(code { try Files.rename(path("missing"), to: path("other")) } == ENOENT)
        #expect(code { try Files.write([1], to: path("missing/file")) } == ENOENT)
    }

    @Test func theHeadIsAsLongAsThereAreBytes() throws {
        try Files.write([1, 2, 3], to: path("file"))
        #expect(try Files.head(path("file"), count: 2) == [1, 2])
        #expect(try Files.head(path("file"), count: 3) == [1, 2, 3])
        #expect(try Files.head(path("file"), count: 100) == [1, 2, 3])
        #expect(try Files.head(path("file"), count: 0) == [])
    }

    @Test func writingReplacesTheFileAndLeavesTheOldOneToWhoHasItOpen() throws {
        try Files.write([1, 2, 3], to: path("file"))
        let old = open(path("file"), O_RDONLY)
        defer { close(old) }
        try Files.write([4], to: path("file"))
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(old, &bytes, 8) == 3)
        #expect(bytes.prefix(3) == [1, 2, 3])
        #expect(try Files.read(path("file")) == [4])
        #expect(try Files.list(directory.path) == ["file"])
    }

    @Test func aWriteThatFailsLeavesNothingBehind() throws {
        try Files.createDirectory(path("taken"))
        try Files.write([1], to: path("taken/inside"))
        #expect(code { try Files.write([2], to: path("taken")) } == EISDIR)
        #expect(try Files.list(directory.path) == ["taken"])
        #expect(try Files.read(path("taken/inside")) == [1])
    }

    @Test func whoMayReadIsAsAskedFor() throws {
        try Files.write([1], to: path("secret"), mode: 0o600)
        try Files.write([1], to: path("public"))
        #expect(!Files.isReadableByOthers(path("secret")))
        #expect(Files.isReadableByOthers(path("public")))
        #expect(!Files.isReadableByOthers(path("missing")))
    }

    @Test func directoriesAreMadeWithAllAboveThem() throws {
        for name in ["a/b/c", "a/b/c", "a/b/c/", "x//y"] {
            try Files.createDirectory(path(name))
            #expect(try Files.list(path(name)).isEmpty, "\(name)")
        }
        try Files.write([], to: path("file"))
        #expect(code { try Files.createDirectory(path("file/below")) } == ENOTDIR)
        #expect(code { try Files.createDirectory(path("file")) } == EEXIST)
        #expect(code { try Files.createDirectory("/proc/outpost/data") } == ENOENT)
    }

    @Test func aLinkToADirectoryIsADirectory() throws {
        try Files.createDirectory(path("real"))
        #expect(symlink(path("real"), path("link")) == 0)
        try Files.createDirectory(path("link"))
        try Files.createDirectory(path("link/below"))
        #expect(try Files.list(path("real")) == ["below"])
    }

    @Test func aListHasEveryNameAndNoOther() throws {
        let names = Set([".hidden", "with blank", "ümlaut", "new\nline", String(repeating: "n", count: 255)])
        for name in names { try Files.createDirectory(path(name)) }
        #expect(try Set(Files.list(directory.path)) == names)
    }

    @Test func existingAndSize() throws {
        #expect(!Files.exists(path("file")))
        #expect(Files.size(path("file")) == nil)
        try Files.write([1, 2], to: path("file"))
        #expect(Files.exists(path("file")))
        try Files.rename(path("file"), to: path("other"))
        #expect(!Files.exists(path("file")))
        #expect(Files.size(path("other")) == 2)
        try Files.remove(path("other"))
        #expect(!Files.exists(path("other")))
    }

    @Test func aTreeIsGoneAndWhatItsLinksPointToIsNot() throws {
        try Files.createDirectory(path("kept"))
        try Files.write([1], to: path("kept/file"))
        try Files.createDirectory(path("tree/deep/deeper"))
        try Files.write([1], to: path("tree/deep/file"))
        #expect(symlink(path("kept"), path("tree/deep/link")) == 0)
        #expect(symlink(path("kept/file"), path("tree/link")) == 0)
        #expect(symlink(path("nowhere"), path("tree/dangling")) == 0)
        Files.removeTree(path("tree"))
        #expect(try Files.list(directory.path) == ["kept"])
        #expect(try Files.read(path("kept/file")) == [1])
    }

    @Test func aLinkInThePlaceOfTheTreeIsNotFollowedEither() throws {
        try Files.createDirectory(path("kept"))
        try Files.write([1], to: path("kept/file"))
        #expect(symlink(path("kept"), path("link")) == 0)
        Files.removeTree(path("link"))
        #expect(try Files.list(directory.path) == ["kept"])
        #expect(try Files.read(path("kept/file")) == [1])
    }

    @Test func temporaryDirectoriesAreEmptyAndTwoAreTwo() throws {
        let (one, other) = (TemporaryDirectory(), TemporaryDirectory())
        #expect(one.path != other.path)
        #expect(try Files.list(one.path).isEmpty)
        #expect(!Files.isReadableByOthers(one.path))
    }
}
