// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift target of the product; `path` is given where a folder groups several of them.
func part(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", resources: resources,
        swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

/// A C library of the system, or headers alone.
func system(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)")
}

/// A C++ library behind a C header.
func cxx(_ name: String, settings: [CXXSetting], links: [LinkerSetting] = []) -> Target {
    .target(
        name: name, path: "Sources/C/\(name)", publicHeadersPath: "include",
        cxxSettings: settings + [.unsafeFlags(["-Wall", "-Werror"])], linkerSettings: links)
}

let package = Package(
    name: "outpost",
    products: [.executable(name: "outpost", targets: ["outpost"])],
    targets: [
        // C libraries: each has exactly one Swift importer.
        system("CSQLite"), system("CZstd"), system("CLinux"),
        // NDEBUG: without it toml++ aborts the process on some malformed keys.
        cxx("CToml", settings: [.define("NDEBUG")]),
        cxx("CMosquitto", settings: [], links: [.linkedLibrary("mosquitto")]),
        cxx("CSimdjson", settings: [.define("NDEBUG")], links: [.linkedLibrary("simdjson")]),

        // Pure: standard library alone, time and bytes come in as parameters.
        part("Readings"),
        part("Settings", ["CToml", "Payloads"], resources: [.embedInCode("outpost.toml")]),
        part("Payloads", ["Readings", "CSimdjson"]),
        part("Encoding", ["Readings", "Zstd"]),
        part("Exchange", ["Readings"]),

        // The outside world, one thing each.
        part("Platform", ["CLinux"]),
        part("Zstd", ["CZstd"]),
        part("SQLite", ["CSQLite"]),
        part("Mosquitto", ["CMosquitto"]),

        // The way of a reading.
        part("MQTTInput", ["Readings", "Payloads", "Settings", "Mosquitto", "Platform"], path: "Sources/Inputs/MQTT"),
        part("Journal", ["Readings", "Encoding", "SQLite", "Platform"], path: "Sources/Store/Journal"),
        part("StoreSQL", ["Readings", "Journal", "SQLite", "Platform"], path: "Sources/Store/SQL"),
        part("Gateway", ["Readings", "Settings", "MQTTInput", "Journal", "Platform"]),

        // The command and what only it offers.
        part("Demo", ["Mosquitto", "Platform"]),
        part(
            "Bench",
            ["Demo", "Encoding", "Gateway", "Mosquitto", "Platform", "Readings", "SQLite", "Settings", "StoreSQL"]),
        .executableTarget(
            name: "outpost",
            dependencies: [
                "Readings", "Settings", "Exchange", "MQTTInput", "Gateway", "StoreSQL", "SQLite", "Journal", "Platform",
                "Demo", "Bench",
            ],
            swiftSettings: strict),

        // Tests: one target for each of the above, and the whole product from outside.
        part("TestSupport", ["Readings", "Mosquitto", "Platform"], path: "Tests/TestSupport"),
        .target(
            name: "FaultyDisk", path: "Tests/FaultyDisk", publicHeadersPath: "include",
            cSettings: [.unsafeFlags(["-Wall", "-Werror"])], linkerSettings: [.linkedLibrary("sqlite3")]),
        tests("Readings", ["Readings"]),
        tests("Settings", ["Settings", "Payloads", "Readings"]),
        tests("Payloads", ["Payloads", "Readings"]),
        tests("Encoding", ["Encoding", "Readings", "Zstd"]),
        tests("Exchange", ["Exchange", "Readings"]),
        tests("Platform", ["Platform"]),
        tests("Journal", ["Journal", "StoreSQL", "SQLite", "Encoding", "Readings", "Platform", "FaultyDisk"]),
        tests("StoreSQL", ["StoreSQL", "Journal", "SQLite", "Readings", "Platform"]),
        tests("MQTTInput", ["MQTTInput", "Mosquitto", "Payloads", "Settings", "Readings", "Platform", "Demo"]),
        tests("Bench", ["Bench", "Platform"]),
        tests("System", ["Demo", "Platform"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
