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

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict)
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

/// See Sources/Settings/Presets.
let presets: [Resource] = [
    "zigbee2mqtt", "tasmota", "shelly", "esphome", "chirpstack", "senml", "homie", "homeassistant", "sparkplug",
].map { .embedInCode("Presets/\($0).toml") }

let package = Package(
    name: "outpost",
    products: [
        .executable(name: "outpost", targets: ["outpost"]),
        // For hosts of SQLite: see Sources/Extension.
        .library(name: "outpost_sqlite", type: .dynamic, targets: ["SQLiteExtension"]),
    ],
    targets: [
        // C libraries: each has exactly one Swift importer. CSQLite says nothing of libsqlite3: a program links it, and
        // an extension takes the SQLite of its host.
        system("CSQLite"), system("CZstd"), system("CModbus"), system("CZlib"), system("CLinux"),
        system("CCurl"), system("CCrypto"), system("CMicroHTTPD"),
        // NDEBUG: without it toml++ aborts the process on some malformed keys.
        cxx("CToml", settings: [.define("NDEBUG")]),
        cxx("CMosquitto", settings: [], links: [.linkedLibrary("mosquitto")]),
        cxx("CSimdjson", settings: [.define("NDEBUG")], links: [.linkedLibrary("simdjson")]),
        .target(
            name: "CSlowDisk", path: "Sources/C/CSlowDisk", publicHeadersPath: "include",
            cSettings: [.unsafeFlags(["-Wall", "-Werror"])]),

        // Pure: standard library alone, time and bytes come in as parameters.
        part("Readings"),
        part(
            "Settings", ["Alarms", "CToml", "Models", "Payloads", "Polling", "Readings"],
            resources: [.embedInCode("outpost.toml")] + presets),
        part("Payloads", ["Readings", "Exchange", "CSimdjson", "Zlib", "Zstd"]),
        part("Encoding", ["Readings", "Zstd"]),
        part("Exchange", ["Readings"]),
        part("Polling", ["Readings"]),
        part("Alarms", ["Readings"]),
        part("Delivery", ["Readings"]),
        part("Models", ["Alarms", "Payloads"]),

        // The outside world, one thing each.
        part("Platform", ["CLinux"]),
        part("Zstd", ["CZstd"]),
        part("Zlib", ["CZlib"]),
        part("SQLite", ["CSQLite", "Platform"]),
        part("Mosquitto", ["CMosquitto"]),
        part("Modbus", ["CModbus", "Platform", "Polling"]),
        part("HTTPClient", ["CCurl", "CCrypto", "Platform"]),
        part("HTTPServer", ["CMicroHTTPD", "Platform"]),
        part("GPIO", ["CLinux"]),

        // What alarms do.
        part(
            "Actions",
            [
                "Alarms", "GPIO", "HTTPClient", "Mosquitto", "MQTTInput", "Platform", "Readings", "Settings",
            ]),

        // The way of a reading.
        part(
            "MQTTInput", ["Alarms", "Readings", "Payloads", "Settings", "Mosquitto", "Platform"],
            path: "Sources/Inputs/MQTT"),
        part(
            "ModbusInput", ["Alarms", "Readings", "Payloads", "Polling", "Settings", "Modbus", "Platform"],
            path: "Sources/Inputs/Modbus"),
        part("Journal", ["Alarms", "Readings", "Encoding", "SQLite", "Platform"], path: "Sources/Store/Journal"),
        part("History", ["Readings", "Encoding", "Journal", "SQLite", "Platform"], path: "Sources/Store/History"),
        part("Replay", ["Alarms", "History", "Readings"]),
        part("StoreSQL", ["Readings", "History", "Journal", "SQLite", "Platform"], path: "Sources/Store/SQL"),
        part(
            "Gateway",
            [
                "Actions", "Alarms", "Models", "Readings", "Settings", "MQTTInput", "ModbusInput", "Modbus", "Polling",
                "Journal",
                "History",
                "Platform",
            ]),

        // The loadable extension. Nothing else may link the routines: they stand in the place of libsqlite3.
        .target(
            name: "CSQLiteRoutines", path: "Sources/C/CSQLiteRoutines", cSettings: [.unsafeFlags(["-Wall", "-Werror"])]),
        .target(
            name: "SQLiteExtension", dependencies: ["CSQLiteRoutines", "SQLite", "StoreSQL"], path: "Sources/Extension",
            exclude: ["exports.map"], swiftSettings: strict,
            linkerSettings: [
                // A host has no Swift runtime, and cannot unload one; of all that is in here it sees the entry points.
                .unsafeFlags([
                    "-static-stdlib", "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "--no-undefined",
                    "-Xlinker",
                    "--version-script=\(Context.packageDirectory)/Sources/Extension/exports.map",
                ])
            ]),

        // The command and what only it offers.
        part("Demo", ["Modbus", "Mosquitto", "Platform", "Polling", "Settings"]),
        part(
            "Bench",
            [
                "Alarms", "CSlowDisk", "Demo", "Encoding", "Exchange", "Gateway", "Mosquitto", "Payloads", "Platform",
                "Readings",
                "SQLite",
                "Settings",
                "StoreSQL", "History", "Journal", "Modbus", "ModbusInput", "Polling", "Replay", "Zlib",
                "Zstd",
            ]),
        .executableTarget(
            name: "outpost",
            dependencies: [
                "Actions", "Alarms", "Models", "Readings", "Settings", "Exchange", "MQTTInput", "ModbusInput", "Modbus",
                "Polling",
                "Gateway",
                "Replay", "StoreSQL",
                "SQLite", "Journal", "History",
                "Platform",
                "Demo", "Bench",
            ],
            swiftSettings: strict, linkerSettings: [.linkedLibrary("sqlite3")]),

        // Tests: one target for each of the above, and the whole product from outside.
        part("TestSupport", ["Readings", "Mosquitto", "Platform", "FaultyDisk"], path: "Tests/TestSupport"),
        .target(
            name: "FaultyDisk", path: "Tests/FaultyDisk", publicHeadersPath: "include",
            cSettings: [.unsafeFlags(["-Wall", "-Werror"])], linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CountingMalloc", path: "Tests/CountingMalloc", publicHeadersPath: "include",
            cSettings: [.unsafeFlags(["-Wall", "-Werror"])]),
        .executableTarget(
            name: "allocation-count", dependencies: ["Bench", "CountingMalloc"], path: "Tests/AllocationCount",
            swiftSettings: strict, linkerSettings: [.linkedLibrary("sqlite3")]),
        part(
            "FuzzTargets",
            [
                "Alarms", "Delivery", "Encoding", "Exchange", "Models", "Payloads", "Polling", "Readings", "Settings",
            ],
            path: "Tests/Fuzz/Targets"),
        tests("Readings", ["Readings"]),
        tests("Polling", ["Polling", "Readings"]),
        tests("Alarms", ["Alarms", "Readings"]),
        tests("Anomaly", ["Alarms", "Readings"]),
        tests("Delivery", ["Delivery", "Readings"]),
        tests("Models", ["Models", "Alarms", "Payloads", "Platform"], exclude: ["train.py"]),
        tests("Settings", ["Settings", "Alarms", "Payloads", "Polling", "Readings"]),
        tests(
            "Payloads", ["Payloads", "Readings", "Exchange", "Platform", "Zstd"], exclude: ["Sparkplug/messages.py"]),
        tests("Encoding", ["Encoding", "Readings", "Zstd"]),
        tests("Exchange", ["Exchange", "Readings"]),
        tests("Platform", ["Platform"]),
        tests("Journal", ["Journal", "Alarms", "History", "SQLite", "Encoding", "Readings", "Platform"]),
        tests("History", ["History", "Journal", "Encoding", "SQLite", "Readings", "Platform"]),
        tests("Replay", ["Replay", "Alarms", "History", "Journal", "Readings", "Platform"]),
        tests("StoreSQL", ["StoreSQL", "History", "Journal", "SQLite", "Readings", "Platform"]),
        .testTarget(
            name: "ExtensionTests", dependencies: ["Journal", "Readings", "Platform", "TestSupport"],
            exclude: ["host.c"],
            swiftSettings: strict),
        tests("MQTTInput", ["MQTTInput", "Mosquitto", "Payloads", "Settings", "Readings", "Platform", "Demo"]),
        tests(
            "ModbusInput", ["ModbusInput", "Modbus", "Polling", "Settings", "Readings", "Platform", "Demo"],
            exclude: ["device.py"]),
        tests(
            "Actions",
            [
                "Actions", "Alarms", "Demo", "GPIO", "HTTPClient", "Modbus", "ModbusInput", "Mosquitto", "Platform",
                "Polling", "Readings", "Settings",
            ], exclude: ["hook.py"]),
        tests("HTTPServer", ["HTTPServer", "HTTPClient", "Platform"]),
        tests("Bench", ["Bench", "Platform"]),
        tests("Fuzz", ["FuzzTargets", "Platform"]),
        tests("System", ["Demo", "Platform"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// What make fuzz builds, with a scratch path of its own: its main is the fuzzer's.
if Context.environment["OUTPOST_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Entry", swiftSettings: strict))
}
