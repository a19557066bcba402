/*
 * A backend as an author wrote it against ABI 1.0, with the headers of that day beside it. Never changed after 1.0 is
 * released: it must answer on every later host of major 1. It uses every service and every member that 1.0 has; where
 * one of them does not do what abi.h of 1.0 says, it fails with the number of the line.
 */
#include <regcred/abi.h>
#include <stdio.h>
#include <string.h>

#define HEADER(type) .struct_size = sizeof(type), .abi_major = REGCRED_ABI_MAJOR, .abi_minor = REGCRED_ABI_MINOR
#define LITERAL(text) \
  { (text), sizeof(text) - 1 }

typedef struct backend {
  const regcred_http_v1 *http;
  const regcred_log_v1 *log;
  const regcred_clock_v1 *clock;
  const regcred_secret_v1 *secret;
} backend;

static regcred_slice slice_of(const char *text) {
  const regcred_slice slice = {text, strlen(text)};
  return slice;
}

static int equal(regcred_slice slice, const char *text) {
  return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

/* Fails the call when the host does not keep its word. */
#define EXPECT(condition)                            \
  do {                                               \
    if (!(condition)) return broken(sink, __LINE__); \
  } while (0)

static int32_t broken(const regcred_sink_v1 *sink, int line) {
  char text[80];
  snprintf(text, sizeof(text), "the host broke the contract of ABI 1.0 at line %d", line);
  sink->fail(sink->context, REGCRED_INTERNAL, -1, slice_of(text));
  return REGCRED_INTERNAL;
}

#define KNOWS_1_0(table) ((table)->struct_size >= sizeof(*(table)) && (table)->abi_major == REGCRED_ABI_MAJOR)

static int32_t create(const regcred_host_v1 *host, regcred_slice settings_json, const regcred_sink_v1 *sink,
                      void **instance) {
  static backend self;
  *instance = NULL;
  EXPECT(KNOWS_1_0(host) && KNOWS_1_0(sink));
  EXPECT(equal(settings_json, "{}"));
  self.http = host->get_service(host->context, REGCRED_SERVICE_HTTP);
  self.log = host->get_service(host->context, REGCRED_SERVICE_LOG);
  self.clock = host->get_service(host->context, REGCRED_SERVICE_CLOCK);
  self.secret = host->get_service(host->context, REGCRED_SERVICE_SECRET);
  EXPECT(self.http != NULL && KNOWS_1_0(self.http));
  EXPECT(self.log != NULL && KNOWS_1_0(self.log));
  EXPECT(self.clock != NULL && KNOWS_1_0(self.clock));
  EXPECT(self.secret != NULL && KNOWS_1_0(self.secret));
  EXPECT(host->get_service(host->context, "regcred.none/1") == NULL);
  *instance = &self;
  return REGCRED_OK;
}

static void destroy(void *instance) { memset(instance, 0, sizeof(backend)); }

static void keep_text(void *context, regcred_slice value) {
  snprintf(context, 256, "%.*s", (int)value.size, value.data);
}

typedef struct kept_response {
  int calls;
  int32_t status, attempts;
  int64_t retry_after_seconds;
  int json;
  char body[256], error[256];
} kept_response;

static void keep_response(void *context, const regcred_http_response_v1 *response) {
  kept_response *kept = context;
  ++kept->calls;
  kept->status = response->status;
  kept->attempts = response->attempts;
  kept->retry_after_seconds = response->retry_after_seconds;
  for (uint64_t i = 0; i < response->headers_count; ++i) {
    const regcred_pair *header = &response->headers[i];
    kept->json += equal(header->name, "content-type") && equal(header->value, "application/json");
  }
  keep_text(kept->body, response->body);
  keep_text(kept->error, response->error);
}

static kept_response post(const backend *self, const char *url, regcred_slice body, int32_t *code) {
  static const regcred_pair headers[] = {{LITERAL("Content-Type"), LITERAL("text/plain")},
                                         {LITERAL("X-Abi"), LITERAL("1.0")}};
  const regcred_http_request_v1 request = {HEADER(regcred_http_request_v1),
                                           .method = LITERAL("POST"),
                                           .url = slice_of(url),
                                           .headers = headers,
                                           .headers_count = 2,
                                           .body = body,
                                           .flags = REGCRED_HTTP_NO_RETRY};
  kept_response kept = {0};
  const regcred_http_sink_v1 sink = {HEADER(regcred_http_sink_v1), .context = &kept, .response = keep_response};
  *code = self->http->send(self->http->context, &request, &sink);
  return kept;
}

static int32_t check_clock_and_log(const backend *self, const regcred_sink_v1 *sink) {
  EXPECT(self->clock->unix_ms(self->clock->context) > INT64_C(1700000000000));
  const int64_t first = self->clock->monotonic_ms(self->clock->context);
  EXPECT(self->clock->monotonic_ms(self->clock->context) >= first);
  const int64_t left = self->clock->remaining_ms(self->clock->context);
  EXPECT(left > 0 && left <= 60000);
  EXPECT(self->log->enabled(self->log->context, REGCRED_LOG_ERROR) != 0);
  self->log->write(self->log->context, REGCRED_LOG_ERROR, slice_of("a line of ABI 1.0"));
  return REGCRED_OK;
}

/* The URL of the exchange stands in a static secret, a refused name gives the reason. */
static int32_t read_url(const backend *self, const regcred_sink_v1 *sink, char *url) {
  char error[256] = "";
  const regcred_bytes_sink_v1 secret_sink = {HEADER(regcred_bytes_sink_v1), .context = url, .bytes = keep_text};
  const regcred_bytes_sink_v1 error_sink = {HEADER(regcred_bytes_sink_v1), .context = error, .bytes = keep_text};
  const regcred_secret_v1 *secret = self->secret;
  EXPECT(secret->read(secret->context, slice_of("not-there"), &secret_sink, &error_sink) == REGCRED_BAD_CONFIG);
  EXPECT(url[0] == '\0' && error[0] != '\0');
  EXPECT(secret->read(secret->context, slice_of("exchange-url"), &secret_sink, NULL) == REGCRED_OK);
  EXPECT(strncmp(url, "https://", 8) == 0);
  return REGCRED_OK;
}

static int32_t check_refused_request(const backend *self, const regcred_sink_v1 *sink) {
  int32_t code = REGCRED_OK;
  const kept_response refused = post(self, "ftp://localhost/", slice_of("x"), &code);
  EXPECT(code == REGCRED_BAD_REQUEST && refused.calls == 1 && refused.status == 0 && refused.attempts == 0);
  EXPECT(refused.retry_after_seconds == -1 && refused.error[0] != '\0' && refused.body[0] == '\0');
  return REGCRED_OK;
}

static int32_t get_credentials(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  const backend *self = instance;
  EXPECT(KNOWS_1_0(request) && KNOWS_1_0(sink));
  EXPECT(equal(request->image, "registry.example.com/team/app") && equal(request->registry, "registry.example.com"));
  EXPECT(request->annotations_count == 1 && equal(request->annotations[0].name, "example.com/team"));
  if (equal(request->annotations[0].value, "nobody")) return REGCRED_NO_CREDENTIALS;
  if (equal(request->annotations[0].value, "throttled")) {
    sink->fail(sink->context, REGCRED_THROTTLED, 7, slice_of("come back later"));
    return REGCRED_THROTTLED;
  }
  char url[256] = "";
  int32_t code = check_clock_and_log(self, sink);
  if (code == REGCRED_OK) code = read_url(self, sink, url);
  if (code == REGCRED_OK) code = check_refused_request(self, sink);
  if (code != REGCRED_OK) return code;

  const kept_response response = post(self, url, request->service_account_token, &code);
  EXPECT(code == REGCRED_OK && response.calls == 1 && response.status == 200 && response.attempts == 1);
  EXPECT(response.retry_after_seconds == -1 && response.error[0] == '\0' && response.json == 1);
  static const char large[4097] = {'x'};
  const regcred_slice too_large = {large, sizeof(large)};
  EXPECT(sink->add_auth(sink->context, request->registry, too_large, slice_of("x")) == REGCRED_BAD_REQUEST);
  EXPECT(sink->add_auth(sink->context, request->registry, slice_of("user"), slice_of(response.body)) == REGCRED_OK);
  EXPECT(sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 3600) == REGCRED_OK);
  return REGCRED_OK;
}

static int32_t settings_schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\",\"additionalProperties\":false}"));
  return REGCRED_OK;
}

static int32_t annotation_keys(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("example.com/team"));
  return REGCRED_OK;
}

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {HEADER(regcred_backend_v1),
                                           .name = LITERAL("released"),
                                           .version = LITERAL("1.0"),
                                           .token_use = REGCRED_TOKEN_REQUIRED,
                                           .create = create,
                                           .get_credentials = get_credentials,
                                           .destroy = destroy,
                                           .settings_schema = settings_schema,
                                           .annotation_keys = annotation_keys};
  return &table;
}
