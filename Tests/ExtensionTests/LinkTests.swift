import Platform
import Testing

/// What the library takes from others, and gives to them.
@Suite struct LinkTests {
    @Test func itTakesSQLiteFromItsHostAlone() throws {
        let imported = try output("nm", ["-D", "--undefined-only", extensionPath])
        #expect(imported.contains("malloc"))
        #expect(!imported.contains("sqlite3_"))
        let libraries = try output("readelf", ["-d", extensionPath])
        #expect(libraries.contains("libc.so"))
        #expect(!libraries.contains("libsqlite3"))
        #expect(!libraries.contains("libswift"))
    }

    @Test func itShowsTheEntryPointsAlone() throws {
        let symbols = try output("nm", ["-D", "--defined-only", "--extern-only", extensionPath]).split(separator: "\n")
        let names = symbols.compactMap { $0.split(separator: " ").last }
        #expect(names.sorted() == ["sqlite3_extension_init", "sqlite3_outpostsqlite_init"])
    }

    @Test func itIsSmall() throws {
        let size = try #require(Files.size(extensionPath))
        print("the extension is \(size / 1000) kB")
        #expect(size <= 10_000_000)
    }
}
