import Alarms
import Models
import Readings

extension ModelRule {
    /// Nil when something required is missing or wrong.
    init?(_ table: TableReader, deadband: Double, _ severity: AlarmLevel) {
        let file = table.text("file", example: "pump.json")
        if file == nil, !table.has("file") { table.reportMissing("file = \"pump.json\"") }
        let inputs = table.list("inputs", example: "[\"pump/vibration\"]", SeriesName.check)
        if !table.has("inputs") { table.reportMissing("inputs = [\"pump/vibration\"]") }
        let above = table.number("above", example: "0.85")
        if !table.has("above") { table.reportMissing("above = 0.85") }
        let staleAfter = table.duration("stale_after", default: .seconds(60), in: AlarmKind.times)
        let every = table.duration("every", default: .zero, in: .zero ... .seconds(86_400))
        let score = table.parsed("score", example: "pump/risk", SeriesName.check)
        guard let file, let inputs, let above else { return nil }
        if Set(inputs).count < inputs.count {
            table.log.error("inputs: one stands there twice", at: table.place(of: "inputs"))
        }
        if let score, inputs.contains(score) {
            table.log.error("score: a model does not look at its own scores", at: table.place(of: "score"))
        }
        let path = FilePath.resolve(file, relativeToFile: table.place(of: "file").file)
        Self.check(path, inputs, table)
        self.init(
            file: path, inputs: inputs, above: above, deadband: deadband, staleAfter: staleAfter.nanoseconds,
            every: every.nanoseconds, score: score, level: severity)
    }

    /// A gateway runs without it, and its alarm says so: what is wrong is only warned of.
    private static func check(_ path: String, _ inputs: [SeriesName], _ table: TableReader) {
        func warn(_ problem: String) { table.log.warning("file: \(problem)", at: table.place(of: "file")) }
        let bytes: [UInt8]
        do throws(FileProblem) { bytes = try table.files.read(path, limit: ModelFile.longest) } catch {
            return warn(error.explain(path, limit: "a model has 64 MiB"))
        }
        do throws(ModelError) {
            let model = try ModelFile.read(bytes)
            if let problem = model.problem(withInputs: inputs.count) { warn("\(path): \(problem)") }
        } catch {
            warn("\(path): \(error)")
        }
    }
}
