import Payloads
import Readings
import Testing

/// What values of every type become.
@Suite struct SparkplugValueTests {
    private let decoder = SparkplugDecoder.usual()

    private func read(_ metrics: SparkplugMetric...) -> [Named] {
        decoder.named("NBIRTH/n", SparkplugMessage(0, metrics)).map { named in
            var named = named
            named.suffix = named.suffix.map { String($0.dropFirst("plant/n/".count)) }
            return named
        }
    }

    private func problem(_ metrics: SparkplugMetric...) -> String? {
        let problem = decoder.problem("NBIRTH/n", SparkplugMessage(0, metrics))
        return problem.map { "\($0.reason.rawValue): \($0.detail)" }
    }

    @Test(
        arguments: [
            (.int8, .int(0xFF), -1), (.int8, .int(0xFFFF_FFFF), -1), (.int8, .int(0x7F), 127),
            (.int8, .int(0x80), -128),
            (.int8, .long(0xFF), -1), (.int8, .long(.max), -1), (.int16, .int(0xFFFB), -5),
            (.int16, .int(0xFFFF_FFFB), -5), (.int32, .int(0xFFFF_FFFB), -5), (.int32, .int(7), 7),
            (.int32, .long(0xFFFF_FFFB), -5), (.int32, .long(.max - 4), -5), (.int64, .long(.max - 4), -5),
            (.int64, .long(1 << 40), 1_099_511_627_776), (.int64, .int(0xFFFF_FFFF), -1), (.uint8, .int(255), 255),
            (.uint16, .int(65_535), 65_535), (.uint32, .int(.max), 4_294_967_295), (.uint32, .long(5), 5),
            (.uint64, .long(.max), 18_446_744_073_709_551_616), (.uint64, .int(3), 3), (.float, .float(1.5), 1.5),
            (.float, .double(0.1), 0.1), (.double, .double(-0.1), -0.1), (.double, .float(2.5), 2.5),
            (.boolean, .boolean(true), 1), (.boolean, .boolean(false), 0), (.boolean, .int(7), 1),
            (.int32, .boolean(true), 1), (.int32, .double(21.5), 21.5),
            (.dateTime, .long(1_718_000_000_123), 1.718000000123e12),
            (nil, .int(0xFFFF_FFFF), 4_294_967_295), (nil, .long(9), 9), (nil, .double(1), 1), (nil, .boolean(true), 1),
        ] as [(SparkplugType?, SparkplugContent, Double)])
    func numbers(type: SparkplugType?, content: SparkplugContent, number: Double) {
        #expect(read(SparkplugMetric("a", type, content)) == [Named("a", number)])
    }

    @Test(
        arguments: [
            (.int8, .int(300)), (.int8, .int(0xFFFF_FF00)), (.int16, .int(0x1_0000)), (.int32, .long(1 << 32)),
            (.uint8, .int(256)), (.uint16, .int(0xFFFF_FFFF)), (.uint32, .long(1 << 32)), (.float, .int(1)),
            (.string, .int(1)), (.int32, .string("1")), (.int32, .bytes([1])), (.int8Array, .int(1)),
            (.dataSet, .int(1)), (.template, .string("x")), (.text, .double(1)),
        ] as [(SparkplugType, SparkplugContent)])
    func aValueThatItsTypeDoesNotHaveIsNone(type: SparkplugType, content: SparkplugContent) {
        #expect(
            problem(SparkplugMetric("a", type, content))
                == "wrong_type: plant/n/a: a value that its type does not have")
        #expect(read(SparkplugMetric("a", type, content), SparkplugMetric("b", .int8, .int(1))) == [Named("b", 1)])
    }

    @Test(arguments: [SparkplugType.string, .text, .uuid, nil])
    func texts(type: SparkplugType?) {
        #expect(read(SparkplugMetric("a", type, .string("L\u{E4}uft"))) == [Named("a", .text("L\u{E4}uft"))])
        let longest = String(repeating: "x", count: 256)
        #expect(read(SparkplugMetric("a", type, .string(longest))) == [Named("a", .text(longest))])
        #expect(
            problem(SparkplugMetric("a", type, .string(longest + "x")))
                == "too_large: plant/n/a: a text of more than 256 bytes")
    }

    @Test func whatIsNotUTF8IsNoText() {
        var metric = ProtobufWriter()
        metric.content(1, "a".utf8)
        metric.content(15, [0xC3])
        var message = ProtobufWriter()
        message.content(2, metric.bytes)
        #expect(decoder.read("spBv1.0/plant/NBIRTH/n", message.bytes).problem?.reason == .notUTF8)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func onlyFiniteNumbersAreReadings(number: Double) {
        #expect(problem(SparkplugMetric("a", .double, .double(number))) == "not_finite: plant/n/a: not a finite number")
        #expect(
            problem(SparkplugMetric("a", .float, .float(Float(number)))) == "not_finite: plant/n/a: not a finite number"
        )
        #expect(decoder.fields.count == 1)
    }

    @Test func bytesForOthersGiveNothing() {
        for type in [SparkplugType.bytes, .file] {
            #expect(read(SparkplugMetric("a", type, .bytes([1, 2]))) == [])
            #expect(problem(SparkplugMetric("a", type, .bytes([1, 2]))) == nil)
        }
        #expect(problem(SparkplugMetric("a", nil, .bytes([1, 2]))) == nil)
        #expect(problem(SparkplugMetric("a", nil, .other)) == nil)
        #expect(decoder.fields == [])
    }

    @Test func nullIsAbsent() {
        let absent = [Named("a", .absent, .deviceException)]
        #expect(read(SparkplugMetric("a", .int8).asNull) == absent)
        #expect(read(SparkplugMetric("a", .int8)) == absent)
        #expect(read(SparkplugMetric("a", .int8, .int(4)).asNull) == absent)
        #expect(read(SparkplugMetric("a", .string).asNull) == absent)
        #expect(read(SparkplugMetric("a").asNull) == absent)
        #expect(read(SparkplugMetric("a", .dataSet).asNull) == [])
        #expect(
            read(SparkplugMetric("a", .int8).asNull.with("Quality", .int(500))) == [Named("a", .absent, .stale)])
    }

    @Test(
        arguments: [
            (192, .good), (193, .good), (255, .good), (0, .deviceException), (500, .stale), (64, .uncertain),
            (127, .uncertain), (128, .deviceException), (256, .deviceException), (512, .deviceException),
            (0xFFFF_FFFF, .deviceException),
        ] as [(UInt32, Quality)])
    func quality(code: UInt32, quality: Quality) {
        let metric = SparkplugMetric("a", .int8, .int(4)).with("engUnit", .string("V"))
        #expect(read(metric.with("Quality", .int(code))) == [Named("a", 4, quality)])
        #expect(read(metric.with("Quality", .long(UInt64(code)))) == [Named("a", 4, quality)])
        #expect(read(metric.with("Quality", .string("bad"))) == [Named("a", 4)])
    }

    @Test func times() {
        func read(_ payload: UInt64?, _ metric: UInt64?) -> [Named] {
            decoder.named(
                "NBIRTH/n", SparkplugMessage(0, time: payload, [SparkplugMetric("a", .int8, .int(1), time: metric)]))
        }
        #expect(read(nil, nil) == [Named("plant/n/a", 1)])
        #expect(read(2000, nil) == [Named("plant/n/a", 1, at: 2)])
        #expect(read(2000, 1500) == [Named("plant/n/a", 1, at: 1.5)])
        #expect(read(2000, 0) == [Named("plant/n/a", 1, at: 2)])
        #expect(read(2000, .max) == [Named("plant/n/a", 1, .uncertain)])
        #expect(read(.max, nil) == [Named("plant/n/a", 1, .uncertain)])
        #expect(read(.max, 1500) == [Named("plant/n/a", 1, at: 1.5)])
        let bad = SparkplugMessage(0, time: .max, [SparkplugMetric("a", .int8, .int(1))])
        #expect(decoder.problem("NBIRTH/n", bad)?.reason == .badTime)
    }

    @Test func transientMetricsAreNotStoredAndHistoricalOnesAre() {
        var old = SparkplugMetric("b", .int8, .int(2), time: 1000)
        old.isHistorical = true
        #expect(read(SparkplugMetric("a", .int8, .int(1)).asTransient, old) == [Named("b", 2, at: 1)])
        let data = SparkplugMessage(1, [SparkplugMetric("a", nil, .int(3))])
        #expect(decoder.named("NDATA/n", data) == [Named("plant/n/a", 3)])
        #expect(decoder.named("NDEATH/n", .death).count == 2)
    }

    // MARK: - Arrays

    @Test(
        arguments: [
            (.int8Array, [0xFF, 0x7F], [-1, 127]), (.uint8Array, [0xFF], [255]),
            (.int16Array, [0xFB, 0xFF, 5, 0], [-5, 5]),
            (.uint16Array, [0x34, 0x12], [0x1234]), (.int32Array, [0xFF, 0xFF, 0xFF, 0xFF], [-1]),
            (.uint32Array, [0xFF, 0xFF, 0xFF, 0xFF], [4_294_967_295]),
            (.int64Array, [UInt8](repeating: 0xFF, count: 8), [-1]),
            (.uint64Array, [1, 0, 0, 0, 0, 1, 0, 0], [1_099_511_627_777]), (.floatArray, [0, 0, 0xC0, 0x3F], [1.5]),
            (.doubleArray, [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], [-1.5]),
            (
                .booleanArray, [10, 0, 0, 0, 0b1010_0000, 0b0100_0000],
                [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
            ), (.booleanArray, [0, 0, 0, 0], []),
            (.booleanArray, [8, 0, 0, 0, 0b0000_0001], [0, 0, 0, 0, 0, 0, 0, 1]),
            (.dateTimeArray, [5, 0, 0, 0, 0, 0, 0, 0], [5]),
            (.int8Array, [], []),
        ] as [(SparkplugType, [UInt8], [Double])])
    func arrays(type: SparkplugType, bytes: [UInt8], numbers: [Double]) {
        let expected = numbers.enumerated().map { Named("a/\($0.offset)", $0.element) }
        #expect(read(SparkplugMetric("a", type, .bytes(bytes))) == expected)
        #expect(problem(SparkplugMetric("a", type, .bytes(bytes))) == nil)
        // The birth says the type, and the unit.
        let data = SparkplugMetric("a", nil, .bytes(bytes))
        #expect(decoder.named("NDATA/n", SparkplugMessage(1, [data])).count == numbers.count)
    }

    @Test func arraysOfTexts() {
        let bytes: [UInt8] = Array("one".utf8) + [0, 0] + Array("\u{E9}".utf8) + [0]
        #expect(
            read(SparkplugMetric("a", .stringArray, .bytes(bytes))) == [
                Named("a/0", .text("one")), Named("a/1", .text("")), Named("a/2", .text("\u{E9}")),
            ])
        #expect(read(SparkplugMetric("a", .stringArray, .bytes([0xC3, 0, 0x61, 0]))) == [Named("a/1", .text("a"))])
    }

    @Test(
        arguments: [
            (.int16Array, [1]), (.doubleArray, [1, 2, 3, 4]), (.stringArray, [0x61]), (.booleanArray, [1, 0, 0]),
            (.booleanArray, [9, 0, 0, 0, 1]), (.booleanArray, [8, 0, 0, 0, 1, 1]),
            (.booleanArray, [0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(SparkplugType, [UInt8])])
    func bytesThatMakeNoArrayAreRefused(type: SparkplugType, bytes: [UInt8]) {
        #expect(
            problem(SparkplugMetric("a", type, .bytes(bytes)))
                == "wrong_size: plant/n/a: \(bytes.count) bytes make no such array")
    }

    @Test func theUnitOfAnArrayIsThatOfItsElements() {
        let birth = SparkplugMetric("a", alias: 1, .int8Array, .bytes([1])).with("unit", .string("V"))
        #expect(read(birth) == [Named("a/0", 1)])
        let data = SparkplugMessage(1, [SparkplugMetric(alias: 1, nil, .bytes([2, 3]))])
        #expect(decoder.named("NDATA/n", data) == [Named("plant/n/a/0", 2), Named("plant/n/a/1", 3)])
        #expect(decoder.fields.map(\.unit) == ["V", "V"])
    }

    // MARK: - Tables and templates

    @Test(arguments: [false, true])
    func tables(isPacked: Bool) {
        let columns: [(String, SparkplugType)] = [("t", .int8), ("name", .string), ("x/y", .double)]
        let rows: [[SparkplugContent?]] = [
            [.int(0xFF), .string("one"), .double(0.5)], [.int(2), nil, .double(.nan)],
        ]
        let metric = SparkplugMetric("a", alias: 1, .dataSet, .dataSet(columns, isPacked: isPacked, rows))
        let expected = [
            Named("a/0/t", -1), Named("a/0/name", .text("one")), Named("a/0/x/y", 0.5), Named("a/1/t", 2),
            Named("a/1/name", .absent, .deviceException),
        ]
        #expect(read(metric) == expected)
        #expect(problem(metric) == "not_finite: plant/n/a/1/x/y: not a finite number")
        let untyped = SparkplugMetric(alias: 1, nil, metric.value)
        #expect(decoder.named("NDATA/n", SparkplugMessage(1, [untyped])).count == 5)
    }

    @Test func tablesThatAreNone() {
        func problem(_ content: SparkplugContent) -> String? { self.problem(SparkplugMetric("a", .dataSet, content)) }
        #expect(
            problem(.dataSet(count: 2, [("x", .int8)], []))
                == "wrong_size: plant/n/a: the numbers of columns are different ones")
        #expect(
            problem(.dataSet([("x", .int8)], [[.int(1), .int(2)]]))
                == "wrong_size: plant/n/a/0: 2 cells, where there are 1 columns")
        #expect(problem(.dataSet([("", .int8)], [])) == "not_sparkplug: an empty name")
        #expect(problem(.dataSet([("x", .dataSet)], [[.int(1)]]))?.prefix(10) == "wrong_type")
        #expect(problem(.dataSet([], [])) == nil)
    }

    @Test func templates() {
        let inner = SparkplugContent.template([
            SparkplugMetric("speed", .int16, .int(0xFFFF)).with("engUnit", .string("rpm")),
            SparkplugMetric("list", .int8Array, .bytes([7])),
        ])
        let outer = SparkplugContent.template([
            SparkplugMetric("on", .boolean, .boolean(true), time: 3000), SparkplugMetric("motor", .template, inner),
            SparkplugMetric("passing", .int8, .int(1)).asTransient, SparkplugMetric("null", .int8).asNull,
        ])
        let metric = SparkplugMetric("pump", alias: 1, .template, outer, time: 2000).with("Quality", .int(500))
        #expect(
            read(metric) == [
                Named("pump/on", 1, at: 3, .stale), Named("pump/motor/speed", -1, at: 2, .stale),
                Named("pump/motor/list/0", 7, at: 2, .stale), Named("pump/null", .absent, at: 2, .stale),
            ])
        #expect(decoder.fields.map(\.unit) == [nil, "rpm", nil, nil])
        // Data need not say again what the birth has said.
        let member = SparkplugContent.template([
            SparkplugMetric("motor", nil, .template([SparkplugMetric("speed", nil, .int(0xFFFE))].content))
        ])
        let data = SparkplugMessage(1, [SparkplugMetric(alias: 1, nil, member)])
        #expect(decoder.named("NDATA/n", data) == [Named("plant/n/pump/motor/speed", -2)])
        #expect(decoder.fields.count == 4)
    }

    @Test func definitionsGiveNothing() {
        let definition = SparkplugContent.template(isDefinition: true, [SparkplugMetric("speed", .int16, .int(1))])
        #expect(read(SparkplugMetric("Pump", .template, definition)) == [])
        #expect(problem(SparkplugMetric("Pump", .template, definition)) == nil)
        #expect(
            problem(SparkplugMetric("Pump", .template, .template([SparkplugMetric(nil, .int16, .int(1))])))
                == "not_sparkplug: an empty name")
    }

    private func nested(_ depth: Int) -> SparkplugMetric {
        (0..<depth).reduce(SparkplugMetric("v", .int8, .int(1))) { inner, _ in
            SparkplugMetric("t", .template, .template([inner]))
        }
    }

    @Test func nestingHasALimit() {
        #expect(read(nested(8)) == [Named("t/t/t/t/t/t/t/t/v", 1)])
        #expect(problem(nested(9))?.hasPrefix("too_deep: nested deeper than 8 levels") == true)
        #expect(problem(nested(2000))?.hasPrefix("too_deep") == true)
    }

    // MARK: - Names

    @Test func names() {
        let longest = String(repeating: "x", count: 256)
        #expect(read(SparkplugMetric(longest, .int8, .int(1))) == [Named(longest, 1)])
        #expect(read(SparkplugMetric("a/b//\u{1F3ED} #+\n", .int8, .int(1))) == [Named("a/b//\u{1F3ED} #+\n", 1)])
        #expect(
            problem(SparkplugMetric(longest + "x", .int8, .int(1)))
                == "not_sparkplug: a name of 257 bytes, where 256 are the limit")
        #expect(problem(SparkplugMetric("", .int8, .int(1))) == "not_sparkplug: an empty name")
        #expect(problem(SparkplugMetric(nil, .int8, .int(1))) == "not_sparkplug: an empty name")
    }

    @Test func aNameThatIsThereTwiceIsOneMetric() {
        let twice = [SparkplugMetric("a", alias: 1, .int8, .int(1)), SparkplugMetric("a", alias: 2, .int8, .int(2))]
        #expect(decoder.named("NBIRTH/n", SparkplugMessage(0, twice)).count == 2)
        let data = SparkplugMessage(1, [1, 2].map { SparkplugMetric(alias: $0, nil, .int(3)) })
        #expect(decoder.named("NDATA/n", data) == [Named("plant/n/a", 3), Named("plant/n/a", 3)])
        #expect(decoder.fields.count == 1)
        #expect(decoder.named("NDEATH/n", .death).count == 1)
    }
}

extension [SparkplugMetric] {
    /// A template's bytes with these members.
    fileprivate var content: [UInt8] {
        guard case .template(let bytes) = SparkplugContent.template(self) else { return [] }
        return bytes
    }
}
