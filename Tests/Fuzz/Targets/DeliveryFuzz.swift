import Delivery
import Readings

/// Texts of a schedule: refused at one of their bytes, or moments that go on and on, by clocks that are put forward and back.
struct CronTextFuzz: FuzzTarget {
    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: input, as: UTF8.self)
        do throws(DeliveryTextError) {
            let cron = try CronSchedule(parsing: text)
            var moment: Int64 = 1_700_000_000_000_000
            for _ in 0..<20 {
                let next = cron.next(after: moment, offset: offset)
                guard next > moment, next < moment + 42 * 366 * 86_400_000_000 else {
                    return "\(next) after \(moment)"
                }
                moment = next
            }
            guard try cron == CronSchedule(parsing: text) else { return "another schedule the second time" }
        } catch {
            if let complaint = complaint(about: error, text) { return complaint }
        }
        return refusal(of: text) { (text) throws(DeliveryTextError) in _ = try SendWindow(parsing: text) }
            ?? refusal(of: text) { (text) throws(DeliveryTextError) in _ = try DataRate(parsing: text) }
    }

    /// An hour to and fro each half of a year.
    private func offset(_ moment: Int64) -> Int { moment / 15_768_000_000_000 % 2 * 3600 == 0 ? 3600 : 7200 }
}

/// Conditions: refused at one of their bytes, or an answer for every reading, and yes as long as nobody knows.
struct OnlyWhenFuzz: FuzzTarget {
    private static let values: [Value] = [.number(0), .number(-1e300), .number(.infinity), .text(""), .text("RUN")]

    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: input, as: UTF8.self)
        do throws(DeliveryTextError) {
            let condition = try SendCondition(parsing: text)
            guard try condition == SendCondition(parsing: text) else { return "another condition the second time" }
            for value in Self.values + [.absent] {
                var reading = Reading(series: SeriesID(0), time: Timestamp(microseconds: 0), value: value)
                let holds = condition.holds(for: reading)
                if value == .absent, !holds { return "no to a reading without a value" }
                reading.quality = .communicationError
                if !condition.holds(for: reading) { return "no to a reading that cannot be trusted" }
            }
            return condition.holds(for: nil) ? nil : "no without a reading"
        } catch {
            return complaint(about: error, text)
        }
    }
}

extension FuzzTarget {
    fileprivate func complaint(about error: DeliveryTextError, _ text: String) -> String? {
        if error.message.isEmpty { return "a problem that says nothing" }
        return (0...text.utf8.count).contains(error.offset) ? nil : "the offset \(error.offset)"
    }

    fileprivate func refusal(of text: String, _ parse: (String) throws(DeliveryTextError) -> Void) -> String? {
        do throws(DeliveryTextError) {
            try parse(text)
            return nil
        } catch {
            return complaint(about: error, text)
        }
    }
}
