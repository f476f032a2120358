import History
import Platform

enum VerifyCommand: Command {
    static let name = "verify"
    static let summary = "looks through the whole store for damage, while the gateway runs or not"
    static let usage = """
        [--data DIR | --config FILE]

        Reads everything and changes nothing: each checksum, the trees of both files, the order of the chunks, and
        whether the rollups are what their readings come to. Exit status 1 when something is wrong.
        """
    static let options = ArgumentRules(values: ["--data", "--config"])

    private static let mostProblems = 100

    static func run(_ arguments: Arguments) throws -> Int32 {
        var shown = 0
        var progress = ProgressLine()
        let verification = try StoreVerification(directory: try arguments.dataDirectory()) { problem in
            progress.end()
            shown += 1
            if shown <= mostProblems { printError("outpost verify: \(problem)") }
        } progress: {
            progress.show($0, of: "rows")
        }
        try verification.run()
        progress.end()
        let found = verification.problems == 0 ? "all well" : "\(verification.problems) problems"
        StandardOutput.write(
            """
            \(verification.readings) readings and \(verification.rollups) rollups in \(verification.batches) batches \
            of the journal and \(verification.chunks) chunks of the history: \(found)

            """)
        return verification.problems == 0 ? 0 : 1
    }
}
