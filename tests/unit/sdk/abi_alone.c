/*
 * abi.h and nothing else, compiled as C and as C++ with -Wpadded: a struct with a hole would be laid out differently by
 * a compiler with other alignment rules. The sizes are those of revision 1.0 on 64-bit Linux; they may only grow.
 */
#include <regcred/abi.h>

#ifdef __cplusplus
#define SAME(expression) static_assert(expression, #expression)
#else
#define SAME(expression) _Static_assert(expression, #expression)
#endif

SAME(REGCRED_ABI_MAJOR == 1);
SAME(sizeof(regcred_slice) == 16); /* frozen */
SAME(sizeof(regcred_pair) == 32);  /* frozen */
SAME(sizeof(regcred_bytes_sink_v1) >= 24);
SAME(sizeof(regcred_http_request_v1) >= 80);
SAME(sizeof(regcred_http_response_v1) >= 72);
SAME(sizeof(regcred_http_sink_v1) >= 24);
SAME(sizeof(regcred_http_v1) >= 24);
SAME(sizeof(regcred_log_v1) >= 32);
SAME(sizeof(regcred_clock_v1) >= 40);
SAME(sizeof(regcred_secret_v1) >= 24);
SAME(sizeof(regcred_host_v1) >= 24);
SAME(sizeof(regcred_request_v1) >= 72);
SAME(sizeof(regcred_sink_v1) >= 40);
SAME(sizeof(regcred_backend_v1) >= 88);
