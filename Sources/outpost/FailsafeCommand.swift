import Actions
import Gateway
import ModbusInput
import Platform
import Readings
import Settings

enum FailsafeCommand: Command {
    static let name = "failsafe"
    static let summary = "leaves what alarms move as it is to be when no gateway runs"
    static let usage = """
        [--config FILE]

          Sets each point and output to the failsafe state of its action. The service runs this whenever the gateway has
          ended, however it did; it is for machines on which no gateway runs.

          --config FILE   the configuration (default \(Arguments.installedConfiguration))
        """
    static let options = ArgumentRules(values: ["--config"])

    static func run(_ arguments: Arguments) throws -> Int32 {
        let settings = try arguments.loadSettings()
        let surroundings = Surroundings(log: Log(level: .warning))
        let actions = try ActionSet(
            settings, surroundings: surroundings,
            write: { value, series, by, done in
                done(write(value, to: series, settings, surroundings))
            }, report: { _, _, _ in })
        let problems = actions.takeFailsafe()
        guard problems.isEmpty else {
            let texts = problems.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            throw CommandFailure(texts.joined(separator: "; "))
        }
        return 0
    }

    private static func write(
        _ value: String, to series: SeriesName, _ settings: Settings, _ surroundings: Surroundings
    ) -> PointWriteOutcome {
        guard let line = settings.modbus.line(of: series) else {
            return .refused(settings.modbus.noPoint(series).description)
        }
        do throws(SystemError) {
            let outcome = try ModbusWriter.write(value, to: series, on: line, surroundings: surroundings)
            return outcome.kind == .written ? .written : .failed(outcome.description)
        } catch {
            return .failed("\(error)")
        }
    }
}
