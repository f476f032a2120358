import Modbus
import Platform
import Polling
import Readings
import Settings

/// Writes one value over a line that nobody else uses: what `outpost modbus write` does where no gateway runs.
public enum ModbusWriter {
    public static func write(
        _ value: String, to series: SeriesName, on line: ModbusSettings, surroundings: Surroundings
    ) throws(SystemError) -> WriteOutcome {
        let wake = try WakeUp()
        let metrics = LineMetrics(surroundings.metrics, line: line.name, devices: [])
        var talk = LineTalk(
            line.address, surroundings: surroundings, metrics: metrics, wake: wake, isStopping: { false })
        do throws(WriteOutcome) {
            let write = try RegisterWrite(value, to: series, on: line)
            do throws(LineError) { try talk.open(timeout: line.longestTimeout) } catch {
                throw WriteOutcome(.notTried, "cannot open \(line.address): \(error)")
            }
            return (try? write.run(on: &talk)) ?? WriteOutcome(.unknown, "interrupted")
        } catch {
            return error
        }
    }
}

extension [ModbusSettings] {
    /// The line that a series comes from.
    public func line(of series: SeriesName) -> ModbusSettings? { first { $0.origin(of: series) != nil } }

    /// What there is to say where none is.
    public func noPoint(_ series: SeriesName) -> WriteOutcome {
        let known = flatMap(\.devices).flatMap(\.points).filter(\.point.isWritable).map(\.series.description)
        let hint = Suggestions.closest(to: series.description, among: known).map { ", did you mean \($0)?" } ?? ""
        return WriteOutcome(.refused, "no Modbus point has the series \(series)\(hint)")
    }
}

extension ModbusSettings {
    /// That a device of the line may take.
    var longestTimeout: Duration { devices.map(\.timeout).max() ?? .seconds(1) }
}
