// SPDX-License-Identifier: Apache-2.0
/* A backend in plain C that does everything right, in pieces: each bad backend replaces the one that it does wrong. */
#ifndef REGCRED_TESTS_GOOD_H
#define REGCRED_TESTS_GOOD_H

#include <regcred/abi.h>
#include <string.h>

#define SLICE(text) \
  { (text), sizeof(text) - 1 }
#define GOOD_HEADER \
  .struct_size = sizeof(regcred_backend_v1), .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR

static inline regcred_slice slice_of(const char *text) {
  const regcred_slice slice = {text, strlen(text)};
  return slice;
}

static inline int32_t good_create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                                  void **instance) {
  (void)host, (void)settings, (void)sink;
  *instance = NULL;
  return REGCRED_OK;
}

static inline int32_t good_get(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  (void)instance;
  sink->add_auth(sink->context, request->registry, slice_of("user"), slice_of("password-of-good"));
  return sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 3600);
}

static inline void good_destroy(void *instance) { (void)instance; }

static inline int32_t good_schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\"}"));
  return REGCRED_OK;
}

static inline int32_t good_annotations(const regcred_bytes_sink_v1 *sink) {
  (void)sink;
  return REGCRED_OK;
}

/* A backend with these members, each a string or a function. */
#define TABLE(NAME, VERSION, TOKEN_USE, CREATE, GET, SCHEMA, ANNOTATION_KEYS)     \
  const regcred_backend_v1 *regcred_backend_entry_v1(void) {                      \
    static const regcred_backend_v1 table = {GOOD_HEADER,                         \
                                             .name = SLICE(NAME),                 \
                                             .version = SLICE(VERSION),           \
                                             .token_use = TOKEN_USE,              \
                                             .create = CREATE,                    \
                                             .get_credentials = GET,              \
                                             .destroy = good_destroy,             \
                                             .settings_schema = SCHEMA,           \
                                             .annotation_keys = ANNOTATION_KEYS}; \
    return &table;                                                                \
  }

/* A good backend called NAME but for its functions CREATE and GET. */
#define BACKEND(NAME, CREATE, GET) \
  TABLE(NAME, "1.0.0", REGCRED_TOKEN_OPTIONAL, CREATE, GET, good_schema, good_annotations)

#define GET(NAME) static int32_t NAME(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink)

#endif
