// SPDX-License-Identifier: Apache-2.0
/*
 * What backend ABI 1.0 laid down: every constant, and every member with its offset and its exact type. APPEND-ONLY: no
 * line of this file ever changes. What a later minor adds stands in a file of its own, layout_1_1.h and so on, with the
 * new sizes of what has grown.
 *
 * layout.c defines the macros. SIZE: exact as long as the ABI's minor is this one, else the least.
 */
#define LAYOUT_MINOR 0
/* clang-format off */

CONSTANT(REGCRED_ABI_MAJOR, 1)
CONSTANT(REGCRED_OK, 0)
CONSTANT(REGCRED_NO_CREDENTIALS, 1)
CONSTANT(REGCRED_BAD_CONFIG, 2)
CONSTANT(REGCRED_BAD_REQUEST, 3)
CONSTANT(REGCRED_DENIED, 4)
CONSTANT(REGCRED_UNAVAILABLE, 5)
CONSTANT(REGCRED_THROTTLED, 6)
CONSTANT(REGCRED_TIMEOUT, 7)
CONSTANT(REGCRED_BAD_UPSTREAM, 8)
CONSTANT(REGCRED_INTERNAL, 9)
CONSTANT(REGCRED_HTTP_NO_RETRY, 1)
CONSTANT(REGCRED_HTTP_METADATA, 2)
CONSTANT(REGCRED_LOG_DEBUG, 0)
CONSTANT(REGCRED_LOG_INFO, 1)
CONSTANT(REGCRED_LOG_WARN, 2)
CONSTANT(REGCRED_LOG_ERROR, 3)
CONSTANT(REGCRED_SCOPE_IMAGE, 0)
CONSTANT(REGCRED_SCOPE_REGISTRY, 1)
CONSTANT(REGCRED_LIFETIME_UNKNOWN, -1)
CONSTANT(REGCRED_TOKEN_REQUIRED, 0)
CONSTANT(REGCRED_TOKEN_OPTIONAL, 1)
CONSTANT(REGCRED_TOKEN_NEVER, 2)
CONSTANT(REGCRED_USES_PROCESS, 1)
TEXT(REGCRED_SERVICE_HTTP, "regcred.http/1")
TEXT(REGCRED_SERVICE_LOG, "regcred.log/1")
TEXT(REGCRED_SERVICE_CLOCK, "regcred.clock/1")
TEXT(REGCRED_SERVICE_SECRET, "regcred.secret/1")
TEXT(REGCRED_SERVICE_CRYPTO, "regcred.crypto/1")
TEXT(REGCRED_SERVICE_PROCESS, "regcred.process/1")
TEXT(REGCRED_BACKEND_ENTRY_V1, "regcred_backend_entry_v1")

FROZEN(regcred_slice, 16)
MEMBER(regcred_slice, data, 0, const char *)
MEMBER(regcred_slice, size, 8, uint64_t)

FROZEN(regcred_pair, 32)
MEMBER(regcred_pair, name, 0, regcred_slice)
MEMBER(regcred_pair, value, 16, regcred_slice)

SIZE(regcred_bytes_sink_v1, 24)
HEADER(regcred_bytes_sink_v1)
MEMBER(regcred_bytes_sink_v1, context, 8, void *)
MEMBER(regcred_bytes_sink_v1, bytes, 16, void (*)(void *, regcred_slice))

SIZE(regcred_http_request_v1, 96)
HEADER(regcred_http_request_v1)
MEMBER(regcred_http_request_v1, method, 8, regcred_slice)
MEMBER(regcred_http_request_v1, url, 24, regcred_slice)
MEMBER(regcred_http_request_v1, headers, 40, const regcred_pair *)
MEMBER(regcred_http_request_v1, headers_count, 48, uint64_t)
MEMBER(regcred_http_request_v1, body, 56, regcred_slice)
MEMBER(regcred_http_request_v1, flags, 72, uint32_t)
MEMBER(regcred_http_request_v1, timeout_ms, 76, uint32_t)
MEMBER(regcred_http_request_v1, party, 80, regcred_slice)

SIZE(regcred_http_response_v1, 72)
HEADER(regcred_http_response_v1)
MEMBER(regcred_http_response_v1, status, 8, int32_t)
MEMBER(regcred_http_response_v1, attempts, 12, int32_t)
MEMBER(regcred_http_response_v1, retry_after_seconds, 16, int64_t)
MEMBER(regcred_http_response_v1, headers, 24, const regcred_pair *)
MEMBER(regcred_http_response_v1, headers_count, 32, uint64_t)
MEMBER(regcred_http_response_v1, body, 40, regcred_slice)
MEMBER(regcred_http_response_v1, error, 56, regcred_slice)

SIZE(regcred_http_sink_v1, 24)
HEADER(regcred_http_sink_v1)
MEMBER(regcred_http_sink_v1, context, 8, void *)
MEMBER(regcred_http_sink_v1, response, 16, void (*)(void *, const regcred_http_response_v1 *))

SIZE(regcred_http_v1, 24)
HEADER(regcred_http_v1)
MEMBER(regcred_http_v1, context, 8, void *)
MEMBER(regcred_http_v1, send, 16, int32_t (*)(void *, const regcred_http_request_v1 *, const regcred_http_sink_v1 *))

SIZE(regcred_log_v1, 32)
HEADER(regcred_log_v1)
MEMBER(regcred_log_v1, context, 8, void *)
MEMBER(regcred_log_v1, enabled, 16, int32_t (*)(void *, int32_t))
MEMBER(regcred_log_v1, write, 24, void (*)(void *, int32_t, regcred_slice))

SIZE(regcred_clock_v1, 40)
HEADER(regcred_clock_v1)
MEMBER(regcred_clock_v1, context, 8, void *)
MEMBER(regcred_clock_v1, unix_ms, 16, int64_t (*)(void *))
MEMBER(regcred_clock_v1, monotonic_ms, 24, int64_t (*)(void *))
MEMBER(regcred_clock_v1, remaining_ms, 32, int64_t (*)(void *))

SIZE(regcred_secret_v1, 24)
HEADER(regcred_secret_v1)
MEMBER(regcred_secret_v1, context, 8, void *)
MEMBER(regcred_secret_v1, read, 16, int32_t (*)(void *, regcred_slice, const regcred_bytes_sink_v1 *,
       const regcred_bytes_sink_v1 *))

SIZE(regcred_crypto_v1, 40)
HEADER(regcred_crypto_v1)
MEMBER(regcred_crypto_v1, context, 8, void *)
MEMBER(regcred_crypto_v1, sha256, 16, int32_t (*)(void *, regcred_slice, const regcred_bytes_sink_v1 *,
       const regcred_bytes_sink_v1 *))
MEMBER(regcred_crypto_v1, hmac_sha256, 24, int32_t (*)(void *, regcred_slice, regcred_slice,
       const regcred_bytes_sink_v1 *, const regcred_bytes_sink_v1 *))
MEMBER(regcred_crypto_v1, rsa_sha256, 32, int32_t (*)(void *, regcred_slice, regcred_slice,
       const regcred_bytes_sink_v1 *, const regcred_bytes_sink_v1 *))
SIZE(regcred_process_request_v1, 96)
HEADER(regcred_process_request_v1)
MEMBER(regcred_process_request_v1, program, 8, regcred_slice)
MEMBER(regcred_process_request_v1, sha256, 24, regcred_slice)
MEMBER(regcred_process_request_v1, arguments, 40, const regcred_slice *)
MEMBER(regcred_process_request_v1, arguments_count, 48, uint64_t)
MEMBER(regcred_process_request_v1, environment, 56, const regcred_pair *)
MEMBER(regcred_process_request_v1, environment_count, 64, uint64_t)
MEMBER(regcred_process_request_v1, input, 72, regcred_slice)
MEMBER(regcred_process_request_v1, timeout_ms, 88, uint32_t)
MEMBER(regcred_process_request_v1, reserved, 92, uint32_t)

SIZE(regcred_process_result_v1, 48)
HEADER(regcred_process_result_v1)
MEMBER(regcred_process_result_v1, exit_status, 8, int32_t)
MEMBER(regcred_process_result_v1, signal, 12, int32_t)
MEMBER(regcred_process_result_v1, output, 16, regcred_slice)
MEMBER(regcred_process_result_v1, error, 32, regcred_slice)

SIZE(regcred_process_sink_v1, 24)
HEADER(regcred_process_sink_v1)
MEMBER(regcred_process_sink_v1, context, 8, void *)
MEMBER(regcred_process_sink_v1, result, 16, void (*)(void *, const regcred_process_result_v1 *))

SIZE(regcred_process_v1, 24)
HEADER(regcred_process_v1)
MEMBER(regcred_process_v1, context, 8, void *)
MEMBER(regcred_process_v1, run, 16, int32_t (*)(void *, const regcred_process_request_v1 *,
       const regcred_process_sink_v1 *))

SIZE(regcred_host_v1, 24)
HEADER(regcred_host_v1)
MEMBER(regcred_host_v1, context, 8, void *)
MEMBER(regcred_host_v1, get_service, 16, const void *(*)(void *, const char *))

SIZE(regcred_request_v1, 72)
HEADER(regcred_request_v1)
MEMBER(regcred_request_v1, image, 8, regcred_slice)
MEMBER(regcred_request_v1, registry, 24, regcred_slice)
MEMBER(regcred_request_v1, service_account_token, 40, regcred_slice)
MEMBER(regcred_request_v1, annotations, 56, const regcred_pair *)
MEMBER(regcred_request_v1, annotations_count, 64, uint64_t)

SIZE(regcred_sink_v1, 48)
HEADER(regcred_sink_v1)
MEMBER(regcred_sink_v1, context, 8, void *)
MEMBER(regcred_sink_v1, add_auth, 16, int32_t (*)(void *, regcred_slice, regcred_slice, regcred_slice))
MEMBER(regcred_sink_v1, set_cache, 24, int32_t (*)(void *, int32_t, int64_t))
MEMBER(regcred_sink_v1, fail, 32, int32_t (*)(void *, int32_t, int64_t, regcred_slice))
MEMBER(regcred_sink_v1, set_cache_duration, 40, int32_t (*)(void *, int32_t, int64_t))

SIZE(regcred_backend_v1, 104)
HEADER(regcred_backend_v1)
MEMBER(regcred_backend_v1, name, 8, regcred_slice)
MEMBER(regcred_backend_v1, version, 24, regcred_slice)
MEMBER(regcred_backend_v1, token_use, 40, int32_t)
MEMBER(regcred_backend_v1, uses, 44, uint32_t)
MEMBER(regcred_backend_v1, create, 48, int32_t (*)(const regcred_host_v1 *, regcred_slice, const regcred_sink_v1 *,
       void **))
MEMBER(regcred_backend_v1, get_credentials, 56, int32_t (*)(void *, const regcred_request_v1 *, const regcred_sink_v1 *))
MEMBER(regcred_backend_v1, destroy, 64, void (*)(void *))
MEMBER(regcred_backend_v1, settings_schema, 72, int32_t (*)(const regcred_bytes_sink_v1 *))
MEMBER(regcred_backend_v1, annotation_keys, 80, int32_t (*)(const regcred_bytes_sink_v1 *))
MEMBER(regcred_backend_v1, serves_registry, 88, int32_t (*)(void *, regcred_slice, const regcred_sink_v1 *))
MEMBER(regcred_backend_v1, expected_audiences, 96, int32_t (*)(void *, regcred_slice, const regcred_bytes_sink_v1 *,
       const regcred_bytes_sink_v1 *))

/* clang-format on */
#undef LAYOUT_MINOR
