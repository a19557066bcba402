// SPDX-License-Identifier: Apache-2.0
/* The least that is a backend: a fixed user, the password from a root-only file. */
#include <regcred/abi.h>
#include <stddef.h>

#define HEADER(type) .struct_size = sizeof(type), .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR
#define LITERAL(text) \
  { (text), sizeof(text) - 1 }

typedef struct answer {
  const regcred_request_v1 *request;
  const regcred_sink_v1 *sink;
  int32_t code;
} answer;

static int32_t create(const regcred_host_v1 *host, regcred_slice settings_json, const regcred_sink_v1 *sink,
                      void **instance) {
  static const regcred_slice text = LITERAL("settings: this backend has none; remove them");
  *instance = NULL;
  if (settings_json.size != 2) { /* {} */
    sink->fail(sink->context, REGCRED_BAD_CONFIG, -1, text);
    return REGCRED_BAD_CONFIG;
  }
  *instance = (void *)host; /* all it needs to remember; handed back, never freed */
  return REGCRED_OK;
}

static void destroy(void *instance) { (void)instance; }

/* The secret lives for this call only, so it is handed on here. */
static void on_secret(void *context, regcred_slice secret) {
  static const regcred_slice user = LITERAL("puller");
  answer *self = context;
  self->code = self->sink->add_auth(self->sink->context, self->request->registry, user, secret);
}

static void on_error(void *context, regcred_slice text) {
  answer *self = context;
  self->sink->fail(self->sink->context, REGCRED_BAD_CONFIG, -1, text);
}

static int32_t get_credentials(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  static const regcred_slice file = LITERAL("acme-password");
  static const regcred_slice missing = LITERAL("this host has no service " REGCRED_SERVICE_SECRET);
  const regcred_host_v1 *host = instance;
  const regcred_secret_v1 *files = host->get_service(host->context, REGCRED_SERVICE_SECRET);
  if (files == NULL) {
    sink->fail(sink->context, REGCRED_INTERNAL, -1, missing);
    return REGCRED_INTERNAL;
  }
  answer answer = {request, sink, REGCRED_INTERNAL};
  const regcred_bytes_sink_v1 secret = {HEADER(regcred_bytes_sink_v1), .context = &answer, .bytes = on_secret};
  const regcred_bytes_sink_v1 error = {HEADER(regcred_bytes_sink_v1), .context = &answer, .bytes = on_error};
  const int32_t read = files->read(files->context, file, &secret, &error);
  return read == REGCRED_OK ? answer.code : read;
}

static int32_t settings_schema(const regcred_bytes_sink_v1 *sink) {
  static const regcred_slice schema = LITERAL("{\"type\":\"object\",\"additionalProperties\":false}");
  sink->bytes(sink->context, schema);
  return REGCRED_OK;
}

static int32_t annotation_keys(const regcred_bytes_sink_v1 *sink) {
  (void)sink; /* it reads none */
  return REGCRED_OK;
}

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {HEADER(regcred_backend_v1),
                                           .name = LITERAL("acme-pkg-config"),
                                           .version = LITERAL("1.0.0"),
                                           .token_use = REGCRED_TOKEN_NEVER,
                                           .create = create,
                                           .get_credentials = get_credentials,
                                           .destroy = destroy,
                                           .settings_schema = settings_schema,
                                           .annotation_keys = annotation_keys};
  return &table;
}
