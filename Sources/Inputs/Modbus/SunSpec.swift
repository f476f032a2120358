import Polling
import Settings

/// Where a block of a SunSpec device begins: behind the word "SunS" the blocks stand one after the other, each with its
/// number and its length first, and how long those before are differs.
enum SunSpec {
    private static let starts: [UInt16] = [40_000, 50_000, 0]
    private static let word: [UInt8] = Array("SunS".utf8)
    private static let end: UInt16 = 0xFFFF
    private static let mostBlocks = 100

    /// The address of the block's number.
    static func find(
        model: Int, of device: ModbusDeviceSettings, on talk: inout LineTalk
    ) throws -> Result<UInt16, PollFailure> {
        for start in starts {
            switch try pair(at: start, device, &talk) {
            case .failure(let failure): return .failure(failure)
            case .success(word?): return try block(model, behind: start, device, &talk)
            // Refused, or something else stands there.
            case .success: continue
            }
        }
        return .failure(.garbage("\"SunS\" is at none of 40000, 50000 and 0"))
    }

    private static func block(
        _ model: Int, behind start: UInt16, _ device: ModbusDeviceSettings, _ talk: inout LineTalk
    ) throws -> Result<UInt16, PollFailure> {
        var address = Int(start) + 2
        for _ in 0..<mostBlocks {
            guard let place = UInt16(exactly: address) else { break }
            switch try pair(at: place, device, &talk) {
            case .failure(let failure): return .failure(failure)
            case .success(nil): return .failure(.garbage("the SunSpec block at \(place) cannot be read"))
            case .success(let head?):
                let number = UInt16(head[0]) << 8 | UInt16(head[1])
                if Int(number) == model { return .success(place) }
                if number == end { return .failure(.garbage("there is no SunSpec block \(model)")) }
                address += 2 + (Int(head[2]) << 8 | Int(head[3]))
            }
        }
        return .failure(.garbage("SunSpec blocks without an end"))
    }

    /// Two registers; nil where the device refuses them.
    private static func pair(
        at address: UInt16, _ device: ModbusDeviceSettings, _ talk: inout LineTalk
    ) throws -> Result<[UInt8]?, PollFailure> {
        let request = ReadRequest(unit: device.unit, table: .holding, first: address, count: 2)
        switch try talk.ask(.read(request), of: device) {
        case .success(.data(let data)): return .success(data)
        case .success: return .success(nil)
        case .failure(let failure): return .failure(failure)
        }
    }
}
