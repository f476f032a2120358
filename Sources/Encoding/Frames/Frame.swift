import Readings

/// What a gateway sends upstream in one piece: the readings of many journal rows, or rollups in their place, the
/// definitions of their series as far as the far end does not know them yet, and rows of the journal's other tables.
///
/// Which gateway it is from is not in it: whoever receives it knows by the connection. The same goes for the meaning of
/// the rows of tables, and for what has arrived already: the epoch and the sequences tell.
///
/// The bytes: a header of fixed length (see `FrameHeader`), the content, and a checksum of all that in 8 bytes. The
/// content, every number a varint unless said; integer columns and byte blocks are those of chunks (see `IntegerForm`
/// and `ByteBlock`):
///
///     definitions: a byte block (see `DefinitionList`)
///     tables: a byte block (see `FrameTable`)
///     rollups: see `FrameRollups`
///     nothing more follows when there are no readings
///     how many series; their numbers, which ascend, and the readings of each less 1: an integer column each
///     times: see `FrameTimes`
///     tags: kind and quality of each reading, run by run, as a byte block
///     numbers, when readings are of that kind: see `FrameNumbers`
///     texts, when readings are of that kind: which text each of them has, as an integer column; then the texts, as a
///         byte block
///
/// Readings are sorted by series, and those of a series by time; among equal times they keep the order of arrival, since
/// the last one counts. In which order the readings of different series arrived, a frame does not say.
public struct Frame: Sendable {
    public static let maximumReadings = 1_048_576
    public static let maximumRollups = 131_072
    public static let maximumDefinitions = 262_144
    /// Of all definitions together.
    public static let maximumTags = 1_048_576
    /// Of tables.
    public static let maximumRows = 16_384
    /// Of the whole frame.
    public static let maximumBytes = 33_554_432
    /// Of the definitions, of the tables, and of the texts, each as they are before they are compressed. Everything else
    /// is bounded by the number of readings: all in all, a frame takes no more than some 400 MB to open, and an honest
    /// one a tenth of that.
    public static let maximumBlock = 67_108_864

    public struct Definition: Sendable, Hashable {
        public var series: SeriesID
        public var definition: SeriesDefinition

        public init(series: SeriesID, definition: SeriesDefinition) {
            self.series = series
            self.definition = definition
        }
    }

    public internal(set) var header = FrameHeader()
    /// In ascending order of their series. Numbers and names are the gateway's own.
    public internal(set) var definitions: [Definition] = []
    public internal(set) var readings = ReadingBatch()
    /// In the order in which the gateway added them.
    public internal(set) var rollups: [FrameRollups] = []
    public internal(set) var tables: [FrameTable] = []

    public init() {}
}

/// Bytes that are not a whole frame as it was written.
public struct DamagedFrame: Error, Equatable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "damaged frame: \(reason)" }
}

/// More than the limits of `Frame` let one frame hold: fewer batches at a time may fit.
public struct FrameTooLarge: Error, Equatable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "a frame of \(reason)" }
}
