#ifndef OUTPOST_CMOSQUITTO_H
#define OUTPOST_CMOSQUITTO_H
#include <mosquitto.h>
#include <mqtt_protocol.h>

#ifdef __cplusplus
extern "C" {
#endif

// mosquitto_loop_read, for a broker that one cannot trust: libmosquitto 2.0.11 meets a property that it does not know
// with a failed assertion, which would end the process. Here it is MOSQ_ERR_MALFORMED_PACKET; the client is then good
// for nothing but mosquitto_destroy.
int outpost_mosquitto_read(struct mosquitto *client, int max_packets);

// Why the certificate of the other side was not accepted, in OpenSSL's words; NULL where it was, or none came.
const char *outpost_mosquitto_certificate_problem(struct mosquitto *client);

#ifdef __cplusplus
}
#endif
#endif
