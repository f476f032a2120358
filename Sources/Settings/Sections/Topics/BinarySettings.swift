import Payloads

extension BinaryMapping {
    /// Nil when it is not complete.
    init?(_ table: TableReader) {
        let layout = table.parsed("layout", example: "<u16 i16:0.1 f32 bits:3", isRequired: true) {
            (text) throws(ValueError) in try mapping(text, BinaryLayout.init(parsing:))
        }
        let names = table.list("names", example: "[\"count\", \"temperature\"]") { (text) throws(ValueError) in text }
        guard let layout else { return nil }
        Self.check(names, layout, table)
        self.init(layout: layout, names: names ?? [])
    }

    private static func check(_ names: [String]?, _ layout: BinaryLayout, _ table: TableReader) {
        guard let names else {
            if layout.fieldCount > 1, !table.has("names") {
                table.reportMissing("names = [...]: one for each of the \(layout.fieldCount) fields of its layout")
            }
            return
        }
        let place = table.place(of: "names")
        if names.count != layout.fieldCount {
            table.log.error("names: the layout has \(layout.fieldCount) fields, not \(names.count)", at: place)
        } else if Set(names).count < names.count {
            table.log.error("names: two fields have the same name", at: place)
        }
    }
}
