/// How much of a serial line's time requests take, before anything is sent: what does not fit cannot be polled.
///
/// Only the line is counted, and devices that answer. On TCP nothing is known beforehand.
public struct LineBudget: Sendable, Hashable {
    /// A device that is awake answers after so long, beside the silence that the protocol asks for.
    public static let turnaround = 0.005

    private let secondsPerCharacter: Double

    public init(_ format: SerialFormat) {
        secondsPerCharacter = Double(format.bitsPerCharacter) / Double(format.baud)
        silence = format.baud > 19_200 ? 0.001_75 : 3.5 * secondsPerCharacter
    }

    /// Before each frame, in seconds: the time of 3.5 characters, which has a least one on fast lines.
    public let silence: Double

    /// In seconds, from one request to where the next one may begin.
    public func time(of request: ReadRequest, pause: Duration = .zero) -> Double {
        let characters = request.framedLength + request.framedAnswerLength
        return 2 * silence + Double(characters) * secondsPerCharacter + Self.turnaround + pause / .seconds(1)
    }

    /// The share of the line's time that requests take, each as often as it is planned: 1 is all of it.
    public func load(of requests: [PlannedRequest], pause: Duration = .zero) -> Double {
        requests.reduce(0) { $0 + time(of: $1.request, pause: pause) / ($1.period / .seconds(1)) }
    }
}

extension ReadRequest {
    /// Unit, function, first, count, checksum.
    fileprivate var framedLength: Int { 8 }

    /// Unit, function, length, data, checksum.
    fileprivate var framedAnswerLength: Int { 5 + dataLength }
}
