import Glibc
import Platform

/// The rows of a SQLite file whose trees may be broken: every page that looks like a leaf of a table is read for
/// itself, with what the write-ahead log has newer. Nothing found here is to be trusted without a checksum of its own.
///
/// Debian's SQLite comes without its recovery extension, so this reads the documented file format itself.
public final class DatabasePages {
    /// A column as the record says it; texts and blobs as their bytes.
    public enum Column {
        case null
        case integer(Int64)
        case text(ArraySlice<UInt8>)
        case blob(ArraySlice<UInt8>)
    }

    /// Where a row stands.
    public struct Place {
        public var page: Int
        public var offset: Int
    }

    private static let largestRecord = 512 * 1024 * 1024

    private let database: Int32
    private let log: Int32
    private let pageBytes: Int
    private let pageCount: Int
    /// Where in the log the newest copy of a page stands.
    private var newer: [Int: Int] = [:]

    public init(_ path: String, pageBytes: Int) throws(SystemError) {
        self.pageBytes = pageBytes
        database = open(path, O_RDONLY | O_CLOEXEC)
        guard database >= 0 else { throw SystemError("open", path) }
        log = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        pageCount = Int(lseek(database, 0, SEEK_END)) / pageBytes
        if log >= 0 { newer = pagesInLog() }
    }

    deinit {
        close(database)
        if log >= 0 { close(log) }
    }

    /// Calls for each row of each page that is, or once was, a table's leaf. Rows may come twice.
    public func forEachRow<Failure: Error>(
        _ body: (_ place: Place, _ rowID: Int64, _ columns: [Column]) throws(Failure) -> Void
    ) throws(Failure) {
        for number in 1...max(1, max(pageCount, newer.keys.max() ?? 0)) {
            guard let page = page(number) else { continue }
            let start = number == 1 ? 100 : 0
            guard page[start] == 0x0D else { continue }
            let cells = min(integer(page, start + 3, 2), (pageBytes - start - 8) / 2)
            for cell in 0..<cells {
                let offset = integer(page, start + 8 + cell * 2, 2)
                guard let (rowID, record) = record(page, at: offset), let columns = columns(record) else { continue }
                try body(Place(page: number, offset: offset), rowID, columns)
            }
        }
    }

    /// The row again that `forEachRow` found at a place.
    public func columns(at place: Place) -> [Column]? {
        page(place.page).flatMap { record($0, at: place.offset) }.flatMap { columns($0.bytes) }
    }

    private func page(_ number: Int) -> [UInt8]? {
        if let offset = newer[number] { return read(log, at: offset, pageBytes) }
        return number >= 1 && number <= pageCount ? read(database, at: (number - 1) * pageBytes, pageBytes) : nil
    }

    /// Frames of the log's present round, up to its last commit; a later frame of a page replaces an earlier one.
    private func pagesInLog() -> [Int: Int] {
        guard let header = read(log, at: 0, 32), integer(header, 8, 4) == pageBytes else { return [:] }
        let salt = header[16..<24]
        // A damaged number must not send the search through four billion pages.
        let most = pageCount + Int(lseek(log, 0, SEEK_END)) / pageBytes
        var committed: [Int: Int] = [:]
        var pending: [Int: Int] = [:]
        var offset = 32
        while let frame = read(log, at: offset, 24), frame[8..<16].elementsEqual(salt) {
            if integer(frame, 0, 4) <= most { pending[integer(frame, 0, 4)] = offset + 24 }
            if integer(frame, 4, 4) != 0 {
                committed.merge(pending) { $1 }
                pending = [:]
            }
            offset += 24 + pageBytes
        }
        return committed
    }

    /// The bytes of one row, put together from its page and the chain of pages that it overflows into.
    private func record(_ page: [UInt8], at offset: Int) -> (rowID: Int64, bytes: [UInt8])? {
        var at = offset
        guard at >= 8, let length = varint(page, &at), let rowID = varint(page, &at),
            length > 0, length <= Self.largestRecord
        else { return nil }
        let total = Int(length)
        let most = pageBytes - 35
        let least = (pageBytes - 12) * 32 / 255 - 23
        let fitting = least + (total - least) % (pageBytes - 4)
        let local = total <= most ? total : fitting <= most ? fitting : least
        guard at + local + (local < total ? 4 : 0) <= page.count else { return nil }
        var bytes = Array(page[at..<at + local])
        var next = local < total ? integer(page, at + local, 4) : 0
        while bytes.count < total {
            guard next != 0, let overflow = self.page(next) else { return nil }
            bytes += overflow[4...].prefix(total - bytes.count)
            next = integer(overflow, 0, 4)
        }
        return (rowID, bytes)
    }

    private func columns(_ record: [UInt8]) -> [Column]? {
        var at = 0
        guard let headerBytes = varint(record, &at), headerBytes <= 128, headerBytes <= record.count else { return nil }
        var body = Int(headerBytes)
        var columns: [Column] = []
        while at < Int(headerBytes) {
            guard let type = varint(record, &at) else { return nil }
            let width: Int
            switch type {
            case 0, 8, 9: width = 0
            case 1...4: width = Int(type)
            case 5: width = 6
            case 6, 7: width = 8
            case 12...Int64(Self.largestRecord) * 2: width = Int(type - 12) / 2
            default: return nil
            }
            guard body + width <= record.count else { return nil }
            switch type {
            case 0, 7: columns.append(.null)
            case 8, 9: columns.append(.integer(type - 8))
            case 1...6:
                let first = Int64(Int8(bitPattern: record[body]))
                columns.append(.integer(record[(body + 1)..<(body + width)].reduce(first) { $0 << 8 | Int64($1) }))
            case _ where type % 2 == 0: columns.append(.blob(record[body..<body + width]))
            default: columns.append(.text(record[body..<body + width]))
            }
            body += width
        }
        return columns
    }

    private func varint(_ bytes: [UInt8], _ at: inout Int) -> Int64? {
        var result: UInt64 = 0
        for index in 0..<9 {
            guard at < bytes.count else { return nil }
            let byte = bytes[at]
            at += 1
            if index == 8 { return Int64(bitPattern: result << 8 | UInt64(byte)) }
            result = result << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { break }
        }
        return Int64(bitPattern: result)
    }

    private func integer(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int {
        bytes[at..<at + width].reduce(0) { $0 << 8 | Int($1) }
    }

    private func read(_ file: Int32, at offset: Int, _ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(file, buffer.baseAddress, count, off_t(offset)))
        }
        return bytes.count == count ? bytes : nil
    }
}
