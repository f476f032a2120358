#ifndef OUTPOST_CCURL_H
#define OUTPOST_CCURL_H
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call, and macros on top of that.
static inline CURLcode outpost_curl_number(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode outpost_curl_size(CURL *curl, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode outpost_curl_text(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}
static inline CURLcode outpost_curl_pointer(CURL *curl, CURLoption option, const void *value) {
    return curl_easy_setopt(curl, option, value);
}
typedef size_t (*outpost_curl_writer)(char *, size_t, size_t, void *);
static inline CURLcode outpost_curl_on_body(CURL *curl, outpost_curl_writer writer, void *context) {
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
    return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, writer);
}
typedef int (*outpost_curl_progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode outpost_curl_on_progress(CURL *curl, outpost_curl_progress progress, void *context) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
    return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
}
static inline long outpost_curl_status(CURL *curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
static const size_t outpost_curl_error_size = CURL_ERROR_SIZE;
static const long outpost_curl_tls_1_2 = CURL_SSLVERSION_TLSv1_2;
static const long outpost_curl_everything = CURL_GLOBAL_ALL;
#endif
