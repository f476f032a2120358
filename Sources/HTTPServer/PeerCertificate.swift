import CMicroHTTPD

/// The certificate that a client has shown: nil where it has none, or one that none of our authorities vouches for.
struct PeerCertificate {
    /// The common name in it; nil where it has none.
    let name: String?

    init?(_ connection: OpaquePointer) {
        guard let session = outpost_mhd_session(connection) else { return nil }
        var problems: UInt32 = 0
        guard gnutls_certificate_verify_peers2(session, &problems) == GNUTLS_E_SUCCESS, problems == 0 else {
            return nil
        }
        var count: UInt32 = 0
        guard let chain = gnutls_certificate_get_peers(session, &count), count > 0 else { return nil }
        var certificate: gnutls_x509_crt_t?
        guard gnutls_x509_crt_init(&certificate) == GNUTLS_E_SUCCESS, let certificate else { return nil }
        defer { gnutls_x509_crt_deinit(certificate) }
        guard gnutls_x509_crt_import(certificate, chain, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS else { return nil }
        name = Self.commonName(certificate)
    }

    private static func commonName(_ certificate: gnutls_x509_crt_t) -> String? {
        var text = [UInt8](repeating: 0, count: 256)
        var count = text.count
        let status = gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, &text, &count)
        return status == GNUTLS_E_SUCCESS ? String(validating: text[..<count], as: UTF8.self) : nil
    }
}
