#ifndef OUTPOST_CMICROHTTPD_H
#define OUTPOST_CMICROHTTPD_H
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>

/// What MHD_start_daemon takes as a variadic list, which Swift cannot make. Texts live as long as the daemon.
typedef struct {
    int listener;
    unsigned int most_connections;
    unsigned int most_per_address;
    unsigned int idle_seconds;
    size_t stack_bytes;
    /// Null where nothing is encrypted.
    const char *certificate;
    const char *key;
    /// Null where no client has to show a certificate.
    const char *client_authorities;
    void *context;
} outpost_mhd_settings;

/// A thread for each connection: whoever answers may take its time. Null where it does not start.
static inline struct MHD_Daemon *outpost_mhd_start(
    const outpost_mhd_settings *settings, MHD_AccessHandlerCallback handle, MHD_RequestCompletedCallback completed) {
    struct MHD_OptionItem options[12];
    int count = 0;
#define OUTPOST_OPTION(name, number, pointer) \
    options[count++] = (struct MHD_OptionItem){(name), (intptr_t)(number), (void *)(pointer)}
    OUTPOST_OPTION(MHD_OPTION_LISTEN_SOCKET, settings->listener, NULL);
    OUTPOST_OPTION(MHD_OPTION_CONNECTION_LIMIT, settings->most_connections, NULL);
    OUTPOST_OPTION(MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->most_per_address, NULL);
    OUTPOST_OPTION(MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_seconds, NULL);
    OUTPOST_OPTION(MHD_OPTION_THREAD_STACK_SIZE, settings->stack_bytes, NULL);
    OUTPOST_OPTION(MHD_OPTION_NOTIFY_COMPLETED, completed, settings->context);
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    if (settings->certificate) {
        flags |= MHD_USE_TLS;
        OUTPOST_OPTION(MHD_OPTION_HTTPS_MEM_CERT, 0, settings->certificate);
        OUTPOST_OPTION(MHD_OPTION_HTTPS_MEM_KEY, 0, settings->key);
        OUTPOST_OPTION(MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2");
        if (settings->client_authorities)
            OUTPOST_OPTION(MHD_OPTION_HTTPS_MEM_TRUST, 0, settings->client_authorities);
    }
    OUTPOST_OPTION(MHD_OPTION_END, 0, NULL);
#undef OUTPOST_OPTION
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, settings->context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/// The session of an encrypted connection; null where it is not.
static inline gnutls_session_t outpost_mhd_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? (gnutls_session_t)info->tls_session : NULL;
}

static inline const struct sockaddr *outpost_mhd_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}
#endif
