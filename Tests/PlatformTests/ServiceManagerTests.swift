import Glibc
import Platform
import TestSupport
import Testing

@Suite struct ServiceManagerTests {
    private func sayAll(to socket: String?) {
        let manager = ServiceManager { $0 == "NOTIFY_SOCKET" ? socket : nil }
        manager.ready()
        manager.status("12 °C")
        manager.watchdog()
        manager.stopping()
    }

    private func received(by socket: RawSocket) -> [String] {
        var datagrams: [String] = []
        while let datagram = socket.receive() { datagrams.append(datagram) }
        return datagrams
    }

    private static let all = ["READY=1", "STATUS=12 °C", "WATCHDOG=1", "STOPPING=1"]

    @Test func aSocketInTheFileSystemHearsEachAsOneDatagram() {
        let directory = TemporaryDirectory()
        let socket = RawSocket(SOCK_DGRAM)
        #expect(socket.bind(directory.path + "/notify"))
        sayAll(to: directory.path + "/notify")
        #expect(received(by: socket) == Self.all)
    }

    @Test func anAbstractSocketHearsThemToo() {
        let name = "outpost-test-\(getpid())"
        let socket = RawSocket(SOCK_DGRAM)
        #expect(socket.bind("\u{0}" + name))
        sayAll(to: "@" + name)
        #expect(received(by: socket) == Self.all)
    }

    @Test func withoutASocketOrAListenerNothingHappens() throws {
        let directory = TemporaryDirectory()
        for socket in [nil, "", directory.path + "/missing", String(repeating: "/long", count: 100)] {
            sayAll(to: socket)
        }
        #expect(try Files.list(directory.path).isEmpty)
    }

    @Test(
        arguments: [
            ("30000000", .seconds(15)), ("1", .zero), (nil, nil), ("", nil), ("soon", nil), ("1s", nil),
        ] as [(String?, Duration?)])
    func theWatchdogHearsTwiceInItsTime(text: String?, interval: Duration?) {
        #expect(ServiceManager { $0 == "WATCHDOG_USEC" ? text : nil }.watchdogInterval == interval)
    }

    @Test func theEnvironmentIsThatOfTheProcess() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "2000000", 1)
            exit(ServiceManager().watchdogInterval == .seconds(1) ? 0 : 1)
        }
    }
}
