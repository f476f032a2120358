import Alarms
import HTTPClient
import Platform
import Settings
import Synchronization

/// A web server is told of each event. It may be told twice: after an answer that was lost.
final class WebhookRunner: ActionRunner {
    /// Of what a server says, in a report.
    private static let longestWords = 200

    private let settings: WebhookSettings
    private let gateway: String
    private let clocks: Clocks
    /// Those that nobody uses at the moment, with their open connections.
    private let idle = Mutex<[HTTPConnection]>([])

    init(_ settings: WebhookSettings, gateway: String, clocks: Clocks) {
        self.settings = settings
        self.gateway = gateway
        self.clocks = clocks
    }

    func run(_ request: ActionRequest, stop: StopSignal) -> ActionOutcome {
        let connection = idle.withLock { $0.popLast() } ?? HTTPConnection()
        defer { idle.withLock { $0.append(connection) } }
        let body = AlarmMessage(event: request.event, gateway: gateway).json
        do throws(HTTPProblem) {
            let answer = try connection.post(post(body)) { [clocks] in stop.isOver(clocks.monotonic()) }
            return outcome(answer)
        } catch {
            return error.isCancelled ? .interrupted : .again("\(settings.url): \(error)")
        }
    }

    private func post(_ body: [UInt8]) -> HTTPRequest {
        let own = [("Content-Type", "application/json"), ("User-Agent", "outpost")]
        let added = settings.headers.map { ($0.name, $0.value.reveal()) }
        return HTTPRequest(
            settings.url.text,
            headers: own.filter { own in !added.contains { $0.0.lowercased() == own.0.lowercased() } } + added
                + signature(of: body), body: body,
            timeout: settings.timeout, authorityFile: settings.authorityFile, isInsecure: settings.isInsecure)
    }

    /// The moment is a part of what is signed: what was heard once cannot be said again later.
    private func signature(of body: [UInt8]) -> [(String, String)] {
        guard let secret = settings.secret else { return [] }
        let time = "\(clocks.wall() / 1_000_000)"
        let code = MessageSignature.hexadecimal(of: Array("\(time).".utf8) + body, secret: secret.reveal())
        return [("X-Outpost-Timestamp", time), ("X-Outpost-Signature", "sha256=\(code)")]
    }

    private func outcome(_ answer: HTTPAnswer) -> ActionOutcome {
        let reason = "\(settings.url) answers \(answer.status)\(Self.words(answer.body))"
        switch answer.status {
        case 200..<300: return .done
        case 300..<400: return .failed("\(reason); redirects are not followed")
        case 408, 429, 500...: return .again(reason)
        default: return .failed(reason)
        }
    }

    private static func words(_ body: [UInt8]) -> String {
        let text = Log.printable(String(decoding: body.prefix(longestWords), as: UTF8.self))
        return text.isEmpty ? "" : ": \(text)"
    }
}
