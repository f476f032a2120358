import Platform
import Readings
import TestSupport
import Testing
import Zstd

@testable import Payloads

@Suite struct CompressedPayloadTests {
    private static let limit = 1 << 20

    private func expand(
        _ payload: [UInt8], _ compression: PayloadCompression, limit: Int = limit
    ) -> Result<[UInt8], PayloadProblem> {
        expand(payload, PayloadExpander(compression, limit: limit))
    }

    private func expand(_ payload: [UInt8], _ expander: PayloadExpander) -> Result<[UInt8], PayloadProblem> {
        payload.withUnsafeBytes { bytes in
            do throws(PayloadProblem) {
                return .success(Array(try expander.expand(bytes)))
            } catch {
                return .failure(error)
            }
        }
    }

    private func detail(_ payload: [UInt8], _ compression: PayloadCompression, limit: Int = limit) -> String {
        switch expand(payload, compression, limit: limit) {
        case .success(let content): "\(content.count) bytes"
        case .failure(let problem): "\(problem.reason.rawValue): \(problem.detail)"
        }
    }

    /// Texts of many lengths, some of which repeat themselves.
    private func contents() -> [[UInt8]] {
        var generator = SeededGenerator(seed: 1)
        return [1, 2, 3, 30, 4095, 4096, 4097, 70_000, 300_000].flatMap { length in
            [1, 40, 256].map { kinds in
                (0..<length).map { _ in UInt8.random(in: 0...UInt8(kinds - 1), using: &generator) }
            }
        }
    }

    // MARK: - gzip

    /// What Python makes of each file of a directory, in this order, under the name of the file and a number.
    private static let variants = """
        import gzip, os, sys, zlib
        for name in os.listdir('.'):
            content = open(name, 'rb').read()
            half = len(content) // 2
            variants = [gzip.compress(content, level) for level in (0, 1, 6, 9)]
            variants += [zlib.compress(content, level) for level in (1, 9)]
            variants.append(gzip.compress(content[:half]) + gzip.compress(b'') + gzip.compress(content[half:]))
            fixed = zlib.compressobj(9, zlib.DEFLATED, 31, 9, zlib.Z_FIXED)
            variants.append(fixed.compress(content) + fixed.flush(zlib.Z_FULL_FLUSH) + fixed.flush())
            small = zlib.compressobj(9, zlib.DEFLATED, 25)
            variants.append(small.compress(content) + small.flush())
            named = open(name + '.named', 'wb')
            with gzip.GzipFile('a name.json', 'wb', 9, named) as file: file.write(content)
            named.close()
            variants.append(open(name + '.named', 'rb').read())
            for number, bytes in enumerate(variants): open(f'{name}.{number}', 'wb').write(bytes)
        """

    private func python(_ script: String, in directory: TemporaryDirectory) throws {
        let outcome = try ChildProcess(
            "/bin/sh", ["-c", "cd '\(directory.path)' && exec /usr/bin/python3 -c \"$1\"", "sh", script]
        ).wait()
        #expect(outcome.status == 0)
    }

    @Test func gzipOfPythonIsExpanded() throws {
        let directory = TemporaryDirectory()
        let contents = contents()
        for (index, content) in contents.enumerated() { try Files.write(content, to: "\(directory.path)/\(index)") }
        try python(Self.variants, in: directory)
        let expander = PayloadExpander(.gzip, limit: Self.limit)
        for (index, content) in contents.enumerated() {
            for variant in 0..<10 {
                let bytes = try Files.read("\(directory.path)/\(index).\(variant)")
                #expect(expand(bytes, expander) == .success(content), "\(index).\(variant)")
                #expect(expand(bytes, .gzip, limit: content.count) == .success(content), "\(index).\(variant)")
                let less = content.count - 1
                #expect(
                    detail(bytes, .gzip, limit: less) == "too_large: more than \(less) bytes when it is expanded",
                    "\(index).\(variant)")
            }
        }
    }

    /// `printf '{"t":21.5}' | gzip -n9`.
    private let gzipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0x51, 0xb2, 0x32, 0x32, 0xd4,
        0x33, 0xad, 0x05, 0x00, 0xd7, 0xff, 0xdd, 0xb9, 0x0a, 0x00, 0x00, 0x00,
    ]

    @Test func gzipThatIsDamagedIsRefused() {
        #expect(detail([], .gzip) == "not_compressed: no gzip stream")
        #expect(detail([0x1F], .gzip) == "not_compressed: no gzip stream")
        #expect(detail(Array(#"{"t":21.5}"#.utf8), .gzip) == "not_compressed: no gzip stream")
        #expect(detail(gzipped + [0], .gzip) == "not_compressed: something else behind a gzip stream")
        #expect(detail(gzipped + gzipped.prefix(5), .gzip) == "not_compressed: a gzip stream that breaks off")
        for length in 2..<gzipped.count {
            let prefix = Array(gzipped[..<length])
            #expect(detail(prefix, .gzip) == "not_compressed: a gzip stream that breaks off", "\(length)")
        }
        var wrong = gzipped
        wrong[23] ^= 1
        #expect(detail(wrong, .gzip) == "not_compressed: gzip: incorrect data check")
        wrong[23] ^= 1
        wrong[26] ^= 1
        #expect(detail(wrong, .gzip) == "not_compressed: gzip: incorrect length check")
        let needsDictionary: [UInt8] = [0x78, 0xBB, 0, 0, 0, 1, 3, 0]
        #expect(detail(needsDictionary, .gzip) == "not_compressed: gzip: a dictionary is needed")
    }

    @Test func aBombInGzipIsStopped() throws {
        let directory = TemporaryDirectory()
        let script = """
            import zlib
            bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
            zeros = bytes(1 << 24)
            with open('bomb', 'wb') as file:
                for _ in range(64): file.write(bomb.compress(zeros))
                file.write(bomb.flush())
            """
        try python(script, in: directory)
        try stops(Files.read("\(directory.path)/bomb"), .gzip)
    }

    private func stops(_ bomb: [UInt8], _ compression: PayloadCompression) throws {
        let expander = PayloadExpander(compression, limit: Self.limit)
        for _ in 0..<10 {
            guard case .failure(let problem) = expand(bomb, expander) else {
                Issue.record("the bomb went off")
                return
            }
            #expect(problem.reason == .tooLarge)
            #expect(expander.buffer.count == Self.limit)
        }
    }

    // MARK: - zstd

    /// Frames by hand say nothing of their size where no encoder was asked to leave it out.
    private enum Block {
        case raw([UInt8])
        case repeated(UInt8, count: Int)

        func bytes(isLast: Bool) -> [UInt8] {
            switch self {
            case .raw(let content): head(isLast, 0, content.count) + content
            case .repeated(let byte, let count): head(isLast, 1, count) + [byte]
            }
        }

        private func head(_ isLast: Bool, _ type: Int, _ size: Int) -> [UInt8] {
            let head = (isLast ? 1 : 0) | type << 1 | size << 3
            return (0..<3).map { UInt8(truncatingIfNeeded: head >> ($0 * 8)) }
        }
    }

    /// The window is 128 MiB and more.
    private func frame(_ blocks: Block..., window: UInt8 = 0x88) -> [UInt8] { frame(blocks, window: window) }

    private func frame(_ blocks: [Block], window: UInt8 = 0x88) -> [UInt8] {
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, window]
            + blocks.enumerated().flatMap { $1.bytes(isLast: $0 == blocks.count - 1) }
    }

    private func zstd(_ content: [UInt8], level: Int32 = 3) throws -> [UInt8] {
        var frame: [UInt8] = []
        try ZstdCompressor(level: level).compress(content, appendingTo: &frame)
        return frame
    }

    @Test(arguments: [-5, 1, 3, 19] as [Int32])
    func zstdIsExpanded(level: Int32) throws {
        let expander = PayloadExpander(.zstd, limit: Self.limit)
        for content in contents() {
            let bytes = try zstd(content, level: level)
            #expect(expand(bytes, expander) == .success(content))
            #expect(expand(bytes, .zstd, limit: content.count) == .success(content))
            let less = content.count - 1
            #expect(
                detail(bytes, .zstd, limit: less) == "too_large: more than \(less) bytes when it is expanded")
            let two = try bytes + zstd([7]) + [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
            #expect(expand(two, expander) == .success(content + [7]))
        }
    }

    @Test func zstdOfUnknownSizeIsExpanded() {
        #expect(expand(frame(.raw([1, 2]), .repeated(3, count: 2)), .zstd) == .success([1, 2, 3, 3]))
        let large = frame((0..<5).map { .repeated($0, count: 100_000) })
        #expect(expand(large, .zstd) == .success((0..<5).flatMap { [UInt8](repeating: $0, count: 100_000) }))
        #expect(detail(frame(.raw([])), .zstd) == "empty: no bytes when it is expanded")
    }

    @Test func zstdThatIsDamagedIsRefused() throws {
        let good = try zstd(Array(#"{"t":21.5}"#.utf8))
        #expect(detail([], .zstd) == "not_compressed: no zstd frame")
        #expect(detail(gzipped, .zstd) == "not_compressed: no zstd frame")
        #expect(detail(good + [0], .zstd) == "not_compressed: something else behind a zstd frame")
        for length in 1..<good.count {
            guard case .failure(let problem) = expand(Array(good[..<length]), .zstd) else {
                Issue.record("\(length) bytes of \(good.count) were taken")
                continue
            }
            #expect(problem.reason == .notCompressed)
        }
        var wrong = good
        wrong[good.count - 1] ^= 1
        #expect(detail(wrong, .zstd).hasPrefix("not_compressed: zstd: "))
        // Of version 0.7, which the library still reads.
        #expect(detail([0x27, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0], .zstd) == "not_compressed: no zstd frame")
    }

    @Test func bombsInZstdAreStopped() throws {
        let gigabyte = [Block](repeating: .repeated(0, count: 131_072), count: 8192)
        for window in [0x38, 0x88, 0xA8] as [UInt8] { try stops(frame(gigabyte, window: window), .zstd) }
        try stops(zstd([UInt8](repeating: 0, count: 1 << 26)), .zstd)
    }

    // MARK: - The decoder

    @Test func aDecoderExpandsFirst() throws {
        let mapping = JSONMapping(values: .everything(JSONMapping.Everything()))
        let document = Array(#"{"t":21.5}"#.utf8)
        for (compression, payload) in [(.gzip, gzipped), (.zstd, try zstd(document))] as [(PayloadCompression, [UInt8])]
        {
            let decoder = PayloadDecoder(.json(mapping), maxPayload: 100, compression: compression)
            #expect(decoder.named(payload) == [Named("t", 21.5)])
            #expect(decoder.decode([]).problem == .empty)
            #expect(decoder.decode(document).problem == .notCompressed)
            #expect(decoder.decode(payload + [UInt8](repeating: 0, count: 100)).problem == .tooLarge)
            let small = PayloadDecoder(.json(mapping), maxPayload: payload.count, compression: compression)
            #expect(small.named(payload) == [Named("t", 21.5)])
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func mutatedStreamsDoNoHarm(seed: UInt64) throws {
        let format = PayloadFormat.json(JSONMapping(values: .everything(JSONMapping.Everything())))
        survives(
            seed: seed, good: gzipped, decoder: PayloadDecoder(format, maxPayload: 65_536, compression: .gzip))
        survives(
            seed: seed, good: try zstd(Array(#"{"t":21.5,"list":[21.5,21.5,21.5,21.5,21.5,21.5,21.5]}"#.utf8)),
            decoder: PayloadDecoder(format, maxPayload: 65_536, compression: .zstd))
    }
}
