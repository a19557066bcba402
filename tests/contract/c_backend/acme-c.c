// SPDX-License-Identifier: Apache-2.0
/*
 * A backend in plain C: no C++ compiler, no library beside libc. The pod's token goes to POST https://{apiHost}/token,
 * a password comes back. START HERE at the end of the file: the table is what the host sees.
 */
#include <regcred/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flat_json.h"

#define HEADER(type) .struct_size = sizeof(type), .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR
#define LITERAL(text) \
  { (text), sizeof(text) - 1 }

typedef struct acme {
  const regcred_http_v1 *http;
  char url[300];
} acme;

static regcred_slice slice_of(const char *text) {
  const regcred_slice slice = {text, strlen(text)};
  return slice;
}

static int equal(regcred_slice slice, const char *text) {
  return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

static int32_t fail(const regcred_sink_v1 *sink, int32_t code, const char *text) {
  sink->fail(sink->context, code, -1, slice_of(text));
  return code;
}

/* ---- create: settings are read and checked, nothing is sent ------------------------------------------------------ */

/* host[:port] as it may become part of a URL. */
static int is_host(regcred_slice text) {
  const char *allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-:";
  if (text.size == 0 || text.size > 259) return 0;
  for (uint64_t i = 0; i < text.size; ++i) {
    if (memchr(allowed, text.data[i], strlen(allowed)) == NULL) return 0;
  }
  return 1;
}

static int32_t unknown_setting(const regcred_sink_v1 *sink, regcred_slice name) {
  char text[160];
  const int shown = name.size < 64 ? (int)name.size : 64;
  snprintf(text, sizeof(text), "settings.%.*s: unknown setting; this backend knows apiHost", shown, name.data);
  return fail(sink, REGCRED_BAD_CONFIG, text);
}

static int32_t create(const regcred_host_v1 *host, regcred_slice settings_json, const regcred_sink_v1 *sink,
                      void **instance) {
  *instance = NULL;
  regcred_slice api_host = {NULL, 0};
  flat_json settings = flat_json_of(settings_json);
  flat_member member;
  int found;
  while ((found = flat_json_next(&settings, &member)) == FLAT_MEMBER) {
    if (!equal(member.name, "apiHost")) return unknown_setting(sink, member.name);
    if (member.is_text) api_host = member.text;
  }
  if (found != FLAT_END || !is_host(api_host)) {
    return fail(sink, REGCRED_BAD_CONFIG, "settings.apiHost: is missing or no host; write host or host:port");
  }
  acme *self = calloc(1, sizeof(acme));
  if (self == NULL) return fail(sink, REGCRED_INTERNAL, "out of memory");
  self->http = host->get_service(host->context, REGCRED_SERVICE_HTTP);
  if (self->http == NULL) {
    free(self);
    return fail(sink, REGCRED_INTERNAL, "this host has no service " REGCRED_SERVICE_HTTP);
  }
  snprintf(self->url, sizeof(self->url), "https://%.*s/token", (int)api_host.size, api_host.data);
  *instance = self;
  return REGCRED_OK;
}

static void destroy(void *instance) { free(instance); }

/* ---- get_credentials: one exchange --------------------------------------------------------------------------------
 */

typedef struct exchange {
  const regcred_request_v1 *request;
  const regcred_sink_v1 *sink;
  int32_t code;    /* what get_credentials returns when there was a response */
  char error[513]; /* the host's words when there was none */
} exchange;

static int32_t use_answer(const exchange *exchange, regcred_slice body) {
  regcred_slice password = {NULL, 0};
  int64_t lifetime = REGCRED_LIFETIME_UNKNOWN;
  flat_json json = flat_json_of(body);
  flat_member member;
  int found;
  while ((found = flat_json_next(&json, &member)) == FLAT_MEMBER) {
    if (equal(member.name, "password") && member.is_text) password = member.text;
    if (equal(member.name, "expires_in") && !member.is_text) lifetime = member.number;
  }
  const regcred_sink_v1 *sink = exchange->sink;
  if (found != FLAT_END || password.size == 0 ||
      sink->add_auth(sink->context, exchange->request->registry, slice_of("acme"), password) != REGCRED_OK) {
    return fail(sink, REGCRED_BAD_UPSTREAM, "the answer of apiHost holds no usable password; check apiHost");
  }
  if (sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, lifetime) != REGCRED_OK) {
    return fail(sink, REGCRED_BAD_UPSTREAM, "the answer of apiHost holds an impossible expires_in; check apiHost");
  }
  return REGCRED_OK;
}

static int32_t refused(const exchange *exchange, const regcred_http_response_v1 *response) {
  const regcred_sink_v1 *sink = exchange->sink;
  switch (response->status) {
    case 401:
    case 403:
      return fail(sink, REGCRED_DENIED, "apiHost refused this service account; check its access there");
    case 429:
      sink->fail(sink->context, REGCRED_THROTTLED, response->retry_after_seconds, slice_of("apiHost asks to wait"));
      return REGCRED_THROTTLED;
    case 408:
    case 425:
      return fail(sink, REGCRED_UNAVAILABLE, "apiHost was too slow; try again later");
    default:
      if (response->status >= 500) return fail(sink, REGCRED_UNAVAILABLE, "apiHost is failing; try again later");
      return fail(sink, REGCRED_BAD_UPSTREAM, "apiHost answered with an unexpected status; check apiHost");
  }
}

/* The response lives for this call only, so it is used up here. */
static void on_response(void *context, const regcred_http_response_v1 *response) {
  exchange *self = context;
  if (response->status == 200) {
    self->code = use_answer(self, response->body);
  } else if (response->status != 0) {
    self->code = refused(self, response);
  } else {
    snprintf(self->error, sizeof(self->error), "%.*s", (int)response->error.size, response->error.data);
  }
}

/* A compact JWT needs no escaping in JSON; what is none is not sent. */
static int is_token(regcred_slice text) {
  const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (uint64_t i = 0; i < text.size; ++i) {
    if (memchr(allowed, text.data[i], strlen(allowed)) == NULL) return 0;
  }
  return text.size > 0;
}

static int32_t get_credentials(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  const acme *self = instance;
  const regcred_slice token = request->service_account_token;
  if (!is_token(token)) return fail(sink, REGCRED_BAD_REQUEST, "the service account token is not a JWT");
  const size_t size = token.size + sizeof("{\"token\":\"\"}");
  char *body = malloc(size);
  if (body == NULL) return fail(sink, REGCRED_INTERNAL, "out of memory");
  snprintf(body, size, "{\"token\":\"%.*s\"}", (int)token.size, token.data);

  const regcred_pair headers[] = {{LITERAL("Content-Type"), LITERAL("application/json")}};
  const regcred_http_request_v1 post = {HEADER(regcred_http_request_v1),
                                        .method = LITERAL("POST"),
                                        .url = slice_of(self->url),
                                        .headers = headers,
                                        .headers_count = 1,
                                        .body = slice_of(body)};
  exchange exchange = {.request = request, .sink = sink, .code = REGCRED_INTERNAL};
  const regcred_http_sink_v1 http_sink = {HEADER(regcred_http_sink_v1), .context = &exchange, .response = on_response};
  const int32_t sent = self->http->send(self->http->context, &post, &http_sink);
  explicit_bzero(body, size);
  free(body);
  return sent == REGCRED_OK ? exchange.code : fail(sink, sent, exchange.error);
}

/* ---- what is known without an instance ----------------------------------------------------------------------------
 */

static int32_t settings_schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"apiHost\"],"
                                      "\"properties\":{\"apiHost\":{\"type\":\"string\",\"maxLength\":259,"
                                      "\"description\":\"host[:port] that exchanges the token, over https.\"}}}"));
  return REGCRED_OK;
}

static int32_t annotation_keys(const regcred_bytes_sink_v1 *sink) {
  (void)sink; /* it reads none */
  return REGCRED_OK;
}

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {HEADER(regcred_backend_v1),
                                           .name = LITERAL("acme-c"),
                                           .version = LITERAL("1.0.0"),
                                           .token_use = REGCRED_TOKEN_REQUIRED,
                                           .create = create,
                                           .get_credentials = get_credentials,
                                           .destroy = destroy,
                                           .settings_schema = settings_schema,
                                           .annotation_keys = annotation_keys};
  return &table;
}
