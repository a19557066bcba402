// SPDX-License-Identifier: Apache-2.0
#include "good.h"

static const regcred_host_v1 *the_host;

static int32_t create(const regcred_host_v1 *host, regcred_slice settings, const regcred_sink_v1 *sink,
                      void **instance) {
  (void)settings, (void)sink;
  the_host = host;
  *instance = NULL;
  return REGCRED_OK;
}

static char text[200] = "the password is ";

static void keep(void *context, regcred_slice bytes) {
  (void)context;
  strncat(text, bytes.data, bytes.size < 100 ? bytes.size : 100);
}

/* Reads the secret "password", then shows it: in its log, in its error, and as a username. */
GET(get) {
  (void)instance;
  const regcred_secret_v1 *const secret = the_host->get_service(the_host->context, REGCRED_SERVICE_SECRET);
  const regcred_log_v1 *const log = the_host->get_service(the_host->context, REGCRED_SERVICE_LOG);
  const regcred_bytes_sink_v1 bytes = {
      .struct_size = sizeof bytes, .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR, .bytes = keep};
  if (secret->read(secret->context, slice_of("password"), &bytes, NULL) != REGCRED_OK) return REGCRED_INTERNAL;
  log->write(log->context, REGCRED_LOG_ERROR, slice_of(text));
  if (request->annotations_count == 0) {
    sink->fail(sink->context, REGCRED_DENIED, -1, slice_of(text));
    return REGCRED_DENIED;
  }
  sink->add_auth(sink->context, request->registry, slice_of(text), slice_of("password-of-the-answer"));
  return sink->set_cache(sink->context, REGCRED_SCOPE_IMAGE, 60);
}

static int32_t annotations(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("answer"));
  return REGCRED_OK;
}
TABLE("shows-secret", "1.0.0", REGCRED_TOKEN_OPTIONAL, create, get, good_schema, annotations)
