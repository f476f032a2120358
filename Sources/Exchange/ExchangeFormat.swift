/// How readings are written as text.
public enum ExchangeFormat: String, Sendable, CaseIterable {
    /// RFC 4180, with the columns `series,time,value,text,quality`.
    case csv
    /// InfluxDB's line protocol.
    case line

    /// CSV where the first line is a header of ours or has a time in the second field; line protocol otherwise.
    ///
    /// - Parameter head: the first few kilobytes of a file.
    public static func guess(fromHead head: [UInt8]) -> ExchangeFormat {
        let start = head.firstIndex { $0 != Byte.newline && $0 != Byte.carriageReturn } ?? head.count
        var fields = CSVFields()
        let record = head.span.extracting(droppingFirst: start)
        // A head that ends within its first line is taken for all of it.
        guard case .found = fields.findEnd(in: record, isLast: true) else { return .line }
        // Not any header: `time,site=a temp=21.5` is line protocol, although its first field is the name of a column.
        let isCSV = CSVColumns.isRow(fields, in: record) || CSVColumns(header: fields, in: record) { _ in } != nil
        return isCSV ? .csv : .line
    }
}
