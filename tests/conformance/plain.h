// SPDX-License-Identifier: Apache-2.0
/* A backend in plain C that keeps every promise, in pieces: each bad backend replaces the one piece that it gets wrong.
 */
#ifndef REGCRED_TESTS_CONFORMANCE_PLAIN_H
#define REGCRED_TESTS_CONFORMANCE_PLAIN_H

#include <regcred/abi.h>
#include <stdio.h>
#include <string.h>

#define SLICE(text) \
  { (text), sizeof(text) - 1 }
#define UNUSED __attribute__((unused))

static inline regcred_slice slice_of(const char *text) {
  const regcred_slice slice = {text, strlen(text)};
  return slice;
}

/* Says why, and gives the code to return. */
static inline int32_t fail_with(const regcred_sink_v1 *sink, int32_t code, const char *text) {
  sink->fail(sink->context, code, -1, slice_of(text));
  return code;
}

/* What the settings are: this backend takes an empty object only. */
enum settings_kind { SETTINGS_EMPTY, SETTINGS_WITH_KEY, SETTINGS_NO_OBJECT };

/* For SETTINGS_WITH_KEY `key` (64 bytes) gets the first key; its bytes that are not printable ASCII become '?'. */
static inline enum settings_kind read_settings(regcred_slice settings, char *key) {
  uint64_t at = 0;
  while (at < settings.size && strchr(" \t\r\n", settings.data[at]) != NULL) ++at;
  if (at == settings.size || settings.data[at] != '{') return SETTINGS_NO_OBJECT;
  for (++at; at < settings.size && settings.data[at] != '"' && settings.data[at] != '}'; ++at) {
  }
  if (at == settings.size) return SETTINGS_NO_OBJECT;
  if (settings.data[at] == '}') return SETTINGS_EMPTY;
  uint64_t length = 0;
  for (++at; at < settings.size && settings.data[at] != '"' && length < 63; ++at) {
    const char c = settings.data[at];
    key[length++] = c >= ' ' && c <= '~' ? c : '?';
  }
  key[length] = 0;
  return SETTINGS_WITH_KEY;
}

static inline int32_t refuse_key(const regcred_sink_v1 *sink, const char *key) {
  char text[160];
  snprintf(text, sizeof text, "settings.%s: unknown setting; this backend takes none", key);
  return fail_with(sink, REGCRED_BAD_CONFIG, text);
}

static inline int32_t refuse_settings(const regcred_sink_v1 *sink) {
  return fail_with(sink, REGCRED_BAD_CONFIG, "settings must be a mapping; this backend takes none");
}

static inline int32_t plain_create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                                   void **instance) {
  static char one;
  char key[64];
  (void)host;
  *instance = NULL;
  switch (read_settings(settings, key)) {
    case SETTINGS_WITH_KEY:
      return refuse_key(sink, key);
    case SETTINGS_NO_OBJECT:
      return refuse_settings(sink);
    default:
      *instance = &one;
      return REGCRED_OK;
  }
}

/* Answers for `registry` with fixed credentials. */
static inline int32_t answer(const regcred_sink_v1 *sink, regcred_slice registry) {
  if (sink->add_auth(sink->context, registry, slice_of("robot"), slice_of("pa55-word-of-plain")) != REGCRED_OK ||
      sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 3600) != REGCRED_OK) {
    return fail_with(sink, REGCRED_INTERNAL, "the host refused the credential");
  }
  return REGCRED_OK;
}

static inline int32_t plain_get(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  (void)instance;
  return answer(sink, request->registry);
}

static inline void plain_destroy(void *instance) { (void)instance; }

static inline int32_t plain_schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\",\"additionalProperties\":false}"));
  return REGCRED_OK;
}

static inline int32_t plain_annotations(const regcred_bytes_sink_v1 *sink) {
  (void)sink;
  return REGCRED_OK;
}

/* The table, with members replaced: BACKEND() or BACKEND(.destroy = my_destroy). Its file is called subject.so. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define PLAIN_TABLE                                                                                              \
  .struct_size = sizeof(regcred_backend_v1), .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR,     \
  .name = SLICE("subject"), .version = SLICE("1.0.0"), .token_use = REGCRED_TOKEN_NEVER, .create = plain_create, \
  .get_credentials = plain_get, .destroy = plain_destroy, .settings_schema = plain_schema,                       \
  .annotation_keys = plain_annotations
#define BACKEND(...)                                                    \
  const regcred_backend_v1 *regcred_backend_entry_v1(void) {            \
    static const regcred_backend_v1 table = {PLAIN_TABLE, __VA_ARGS__}; \
    return &table;                                                      \
  }

/* Heads of the two functions that are replaced most. */
#define CREATE(NAME)                                                                                                  \
  static int32_t NAME(const regcred_host_v1 *host UNUSED, regcred_slice settings UNUSED, const regcred_sink_v1 *sink, \
                      void **instance)
#define GET(NAME) \
  static int32_t NAME(void *instance UNUSED, const regcred_request_v1 *request, const regcred_sink_v1 *sink)

#endif
