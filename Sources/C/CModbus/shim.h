#include <modbus/modbus.h>

// Macros that Swift does not see.
static const int outpost_modbus_longest_frame = MODBUS_TCP_MAX_ADU_LENGTH;
