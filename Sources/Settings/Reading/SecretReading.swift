extension TableReader {
    private static var secretLimit: Int { 65_536 }

    /// `key = "..."`, or `key_file = "PATH"` with the path relative to the file that says so.
    func secret(_ key: String) -> Secret? {
        let fileKey = "\(key)_file"
        let literal = member(key)
        let file = member(fileKey)
        if let literal, let file {
            log.error("\(fileKey) and \(key) exclude each other", at: later(literal, file).keyPlace)
            return nil
        }
        if let literal { return literalSecret(literal, fileKey: fileKey) }
        return file.flatMap { secret(from: $0) }
    }

    private func later(_ left: Table.Member, _ right: Table.Member) -> Table.Member {
        Table.Member.standsBefore(left, right) ? right : left
    }

    private func literalSecret(_ member: Table.Member, fileKey: String) -> Secret? {
        guard let text = text(of: member, expected: "a string", example: "\"${PASSWORD}\"") else { return nil }
        let file = member.value.place.file
        if !text.hasVariables, files.isReadableByOthers(file) {
            log.warning(
                "every user can read this \(member.key): use \(fileKey), or chmod o-r \(file)", at: member.value.place)
        }
        return checked(text.string, at: member)
    }

    private func secret(from member: Table.Member) -> Secret? {
        guard let path = text(member.key, example: "/etc/outpost/secret") else { return nil }
        let resolved = FilePath.resolve(path, relativeToFile: member.value.place.file)
        do {
            var bytes = try files.read(resolved, limit: Self.secretLimit)
            if files.isReadableByOthers(resolved) {
                log.warning("every user can read \(resolved): chmod o-r \(resolved)", at: member.value.place)
            }
            Self.removeNewline(from: &bytes)
            guard let string = String(validating: bytes, as: UTF8.self) else {
                log.error("\(member.key): \(resolved) is not UTF-8", at: member.value.place)
                return nil
            }
            return checked(string, at: member)
        } catch {
            log.error("\(member.key): \(error.explain(resolved, limit: "a secret has 64 KiB"))", at: member.value.place)
            return nil
        }
    }

    /// The one that an editor ends a file with.
    private static func removeNewline(from bytes: inout [UInt8]) {
        guard bytes.last == UInt8(ascii: "\n") else { return }
        bytes.removeLast()
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    }

    private func checked(_ string: String, at member: Table.Member) -> Secret? {
        if string.isEmpty {
            log.error("\(member.key): the secret is empty", at: member.value.place)
            return nil
        }
        if string.utf8.contains(0) {
            log.error("\(member.key): a secret cannot hold the character U+0000", at: member.value.place)
            return nil
        }
        return Secret(string)
    }
}
