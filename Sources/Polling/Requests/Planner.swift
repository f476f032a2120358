/// What one request can be.
public struct RequestLimits: Sendable, Hashable {
    /// Of registers; a device may take fewer than the protocol.
    public var mostRegisters: Int
    /// So many registers, or bits times 16, that nobody asked for may be read to join two requests.
    public var longestHole: Int
    /// Each point by itself.
    public var isSingle: Bool

    public init(mostRegisters: Int = 125, longestHole: Int = 16, isSingle: Bool = false) {
        self.mostRegisters = mostRegisters
        self.longestHole = longestHole
        self.isSingle = isSingle
    }

    func most(_ table: RegisterTable) -> Int { table.isBits ? table.mostAtOnce : min(mostRegisters, table.mostAtOnce) }

    func hole(_ table: RegisterTable) -> Int { table.isBits ? longestHole * 16 : longestHole }
}

/// A request that is made again and again, and what its answer has.
public struct PlannedRequest: Sendable, Hashable {
    public struct Part: Sendable, Hashable {
        /// Of the point.
        public var index: Int
        /// Where its value, and the register of its power of ten, are in the answer.
        public var offset: Int
        public var scaleOffset: Int?
        /// It is wanted each time, or each second, third ... time only.
        public var everyNth: Int
    }

    public var request: ReadRequest
    public var period: Duration
    /// In the order of their addresses.
    public var parts: [Part]
}

/// Finds the requests by which all points of a device are read, as few as its limits allow.
public enum Planner {
    /// What has to be read for one point, or for several that overlap or touch.
    private struct Span {
        var first: Int
        /// Exclusive.
        var end: Int
        var points: [Int]

        init(_ addresses: Range<Int>, _ index: Int) {
            first = addresses.lowerBound
            end = addresses.upperBound
            points = [index]
        }
    }

    private struct Group: Hashable {
        var table: RegisterTable
        var period: Duration
    }

    public static func plan(
        _ points: [Point], unit: UInt8, limits: RequestLimits, cuts: LearntCuts = LearntCuts()
    ) -> [PlannedRequest] {
        var planned: [PlannedRequest] = []
        let groups = Dictionary(grouping: points.indices) { Group(table: points[$0].table, period: points[$0].every) }
        // The fastest first: what is slower may ride on them.
        let order = groups.sorted { left, right in
            (left.key.period, left.key.table.readFunction) < (right.key.period, right.key.table.readFunction)
        }
        for (group, indices) in order {
            let alone = indices.filter { index in
                limits.isSingle || !ride(points[index], index, on: &planned, cuts)
            }
            let spans = alone.map { Span(points[$0].addresses, $0) }.sorted { ($0.first, $0.end) < ($1.first, $1.end) }
            for span in join(spans, group.table, unit, limits, cuts) {
                planned.append(request(span, group, unit, points))
            }
        }
        for number in planned.indices { planned[number].parts.sort { ($0.offset, $0.index) < ($1.offset, $1.index) } }
        return planned
    }

    /// A point that a faster request reads anyhow is taken from each nth of its answers.
    private static func ride(
        _ point: Point, _ index: Int, on planned: inout [PlannedRequest], _ cuts: LearntCuts
    ) -> Bool {
        for number in planned.indices {
            let request = planned[number].request
            let nth = point.every / planned[number].period
            // What is cut has been refused: who rides on it is refused, too.
            guard request.table == point.table, nth.rounded() == nth, nth > 1,
                request.addresses.lowerBound <= point.addresses.lowerBound,
                point.addresses.upperBound <= request.addresses.upperBound,
                !cuts.separate(request.unit, request.table, from: request.addresses)
            else { continue }
            planned[number].parts.append(part(point, index, from: request.first, everyNth: Int(nth)))
            return true
        }
        return false
    }

    private static func join(
        _ spans: [Span], _ table: RegisterTable, _ unit: UInt8, _ limits: RequestLimits, _ cuts: LearntCuts
    ) -> [Span] {
        var joined: [Span] = []
        for span in spans {
            guard var last = joined.last, !limits.isSingle, span.first - last.end <= limits.hole(table),
                max(last.end, span.end) - last.first <= limits.most(table),
                !cuts.separate(unit, table, from: last.first..<max(last.end, span.end))
            else {
                joined.append(span)
                continue
            }
            last.end = max(last.end, span.end)
            last.points += span.points
            joined[joined.count - 1] = last
        }
        return joined
    }

    private static func request(_ span: Span, _ group: Group, _ unit: UInt8, _ points: [Point]) -> PlannedRequest {
        let first = UInt16(span.first)
        return PlannedRequest(
            request: ReadRequest(
                unit: unit, table: group.table, first: first, count: UInt16(clamping: span.end - span.first)),
            period: group.period, parts: span.points.map { part(points[$0], $0, from: first, everyNth: 1) })
    }

    private static func part(_ point: Point, _ index: Int, from first: UInt16, everyNth: Int) -> PlannedRequest.Part {
        PlannedRequest.Part(
            index: index, offset: Int(point.address - first), scaleOffset: point.scaleRegister.map { Int($0 - first) },
            everyNth: everyNth)
    }
}
