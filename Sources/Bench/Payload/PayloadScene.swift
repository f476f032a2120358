import Payloads
import Readings

/// Payloads of one format, each of which says the same of other values.
public struct PayloadScene: Sendable {
    enum Format {
        case payload(PayloadFormat, PayloadCompression?)
        /// The birth that tells what the data means.
        case sparkplug(birth: [UInt8])
    }

    public let name: String
    let format: Format
    let payloads: [[UInt8]]

    init(_ name: String, _ format: PayloadFormat, _ compression: PayloadCompression? = nil, _ payloads: [[UInt8]]) {
        self.name = name
        self.format = .payload(format, compression)
        self.payloads = payloads
    }

    init(_ name: String, birth: [UInt8], _ payloads: [[UInt8]]) {
        self.name = name
        format = .sparkplug(birth: birth)
        self.payloads = payloads
    }

    init(_ name: String, _ format: PayloadFormat, _ payload: (Int) -> String) {
        self.init(name, format, nil, (0..<PayloadScenes.variants).map { Array(payload($0).utf8) })
    }
}

/// A decoder at work on the payloads of a scene.
public struct PayloadRun {
    private enum Decoder {
        case payload(PayloadDecoder)
        case sparkplug(SparkplugDecoder, SparkplugTopic)
    }

    private static let longest = 65_536

    public let scene: PayloadScene
    private let decoder: Decoder
    private var readings: [DecodedReading] = []

    /// Ready to be measured: the decoder has seen them all.
    public init(_ scene: PayloadScene) throws {
        self.scene = scene
        switch scene.format {
        case .payload(let format, let compression):
            decoder = .payload(PayloadDecoder(format, maxPayload: Self.longest, compression: compression))
        case .sparkplug(let birth): decoder = try Self.sparkplug(birth)
        }
        for payload in scene.payloads {
            let problem = decode(payload)
            if let problem { throw BenchError("\(scene.name): \(problem.detail)") }
        }
    }

    private static func sparkplug(_ birth: [UInt8]) throws -> Decoder {
        let decoder = SparkplugDecoder(maxPayload: longest)
        guard let born = SparkplugTopic("spBv1.0/plant/NBIRTH/edge"),
            let data = SparkplugTopic("spBv1.0/plant/NDATA/edge")
        else { throw BenchError("no topics of Sparkplug") }
        var readings: [DecodedReading] = []
        _ = birth.withUnsafeBytes {
            decoder.decode($0, topic: born, arrival: PayloadScenes.arrival, into: &readings)
        }
        return .sparkplug(decoder, data)
    }

    private mutating func decode(_ payload: [UInt8]) -> PayloadProblem? {
        readings.removeAll(keepingCapacity: true)
        return payload.withUnsafeBytes { bytes in
            switch decoder {
            case .payload(let decoder): decoder.decode(bytes, arrival: PayloadScenes.arrival, into: &readings)
            case .sparkplug(let decoder, let topic):
                decoder.decode(bytes, topic: topic, arrival: PayloadScenes.arrival, into: &readings)
            }
        }
    }

    /// Decodes each payload once, and says how many readings that gave.
    public mutating func decodeAll() -> Int {
        var count = 0
        for payload in scene.payloads {
            _ = decode(payload)
            count += readings.count
        }
        return count
    }

    public var messages: Int { scene.payloads.count }
}
