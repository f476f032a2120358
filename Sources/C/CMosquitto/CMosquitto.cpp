#include "CMosquitto.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace {

struct FailedAssertion {};

// Whether this thread is inside of a library call whose assertions are somebody else's data.
thread_local bool is_reading = false;

}  // namespace

// Takes the place of the C library's function for all of the process. (Without <assert.h>, whose declaration says that
// it never throws.) Between here and the catch lie frames of libmosquitto alone: C, with the unwind tables that Debian
// builds everything with.
extern "C" [[noreturn]] void __assert_fail(const char *condition, const char *file, unsigned line, const char *function) {
    if (is_reading) { throw FailedAssertion{}; }
    std::fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, condition);
    std::abort();
}

int outpost_mosquitto_read(struct mosquitto *client, int max_packets) {
    is_reading = true;
    int code = MOSQ_ERR_MALFORMED_PACKET;
    try {
        code = mosquitto_loop_read(client, max_packets);
    } catch (const FailedAssertion &) {
    }
    is_reading = false;
    return code;
}

// libmosquitto has OpenSSL loaded, and says no more of a refused certificate than that it is refused: two functions of
// OpenSSL tell why. To ask for them here saves its headers and a second name to link to.
const char *outpost_mosquitto_certificate_problem(struct mosquitto *client) {
    void *connection = mosquitto_ssl_get(client);
    auto result = reinterpret_cast<long (*)(const void *)>(dlsym(RTLD_DEFAULT, "SSL_get_verify_result"));
    auto text = reinterpret_cast<const char *(*)(long)>(dlsym(RTLD_DEFAULT, "X509_verify_cert_error_string"));
    if (!connection || !result || !text) { return nullptr; }
    long problem = result(connection);
    // 0 is none; 1 is one that OpenSSL knows nothing of, such as a name that libmosquitto has compared.
    return problem <= 1 ? nullptr : text(problem);
}
