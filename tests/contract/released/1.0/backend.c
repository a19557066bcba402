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
  const regcred_crypto_v1 *crypto;
  const regcred_process_v1 *process;
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
  self.crypto = host->get_service(host->context, REGCRED_SERVICE_CRYPTO);
  self.process = host->get_service(host->context, REGCRED_SERVICE_PROCESS);
  EXPECT(self.http != NULL && KNOWS_1_0(self.http));
  EXPECT(self.log != NULL && KNOWS_1_0(self.log));
  EXPECT(self.clock != NULL && KNOWS_1_0(self.clock));
  EXPECT(self.secret != NULL && KNOWS_1_0(self.secret));
  EXPECT(self.crypto != NULL && KNOWS_1_0(self.crypto));
  EXPECT(self.process != NULL && KNOWS_1_0(self.process));
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

static kept_response post(const backend *self, const char *url, regcred_slice body, uint32_t flags, int32_t *code) {
  static const regcred_pair headers[] = {{LITERAL("Content-Type"), LITERAL("text/plain")},
                                         {LITERAL("X-Abi"), LITERAL("1.0")}};
  const regcred_http_request_v1 request = {HEADER(regcred_http_request_v1),
                                           .method = LITERAL("POST"),
                                           .url = slice_of(url),
                                           .headers = headers,
                                           .headers_count = 2,
                                           .body = body,
                                           .flags = flags,
                                           .timeout_ms = 5000,
                                           .party = LITERAL("the service of ABI 1.0")};
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
  const kept_response refused = post(self, "ftp://localhost/", slice_of("x"), 0, &code);
  EXPECT(code == REGCRED_BAD_REQUEST && refused.calls == 1 && refused.status == 0 && refused.attempts == 0);
  EXPECT(refused.retry_after_seconds == -1 && refused.error[0] != '\0' && refused.body[0] == '\0');
  const kept_response no_metadata = post(self, "http://localhost/", slice_of("x"), REGCRED_HTTP_METADATA, &code);
  EXPECT(code == REGCRED_BAD_REQUEST && no_metadata.calls == 1 && no_metadata.error[0] != '\0');
  return REGCRED_OK;
}

/* Bytes as lower-case hex. */
typedef struct kept_hex {
  int calls;
  char text[1025];
} kept_hex;

static void keep_hex(void *context, regcred_slice value) {
  kept_hex *kept = context;
  ++kept->calls;
  kept->text[0] = '\0';
  for (uint64_t i = 0; i < value.size && i < 512; ++i) {
    snprintf(kept->text + 2 * i, 3, "%02x", (unsigned)(unsigned char)value.data[i]);
  }
}

static void keep_signature(void *context, regcred_slice value) {
  snprintf(context, 1025, "%.*s", (int)value.size, value.data);
}

/* Digest, MAC and signature of known texts; the signature that openssl made stands in a static secret. */
static int32_t check_crypto(const backend *self, const regcred_sink_v1 *sink) {
  const regcred_crypto_v1 *crypto = self->crypto;
  kept_hex hex = {0};
  char error[256] = "", expected[1025] = "";
  const regcred_bytes_sink_v1 hex_sink = {HEADER(regcred_bytes_sink_v1), .context = &hex, .bytes = keep_hex};
  const regcred_bytes_sink_v1 text_sink = {HEADER(regcred_bytes_sink_v1), .context = expected, .bytes = keep_signature};
  const regcred_bytes_sink_v1 error_sink = {HEADER(regcred_bytes_sink_v1), .context = error, .bytes = keep_text};
  EXPECT(crypto->sha256(crypto->context, slice_of("abc"), &hex_sink, &error_sink) == REGCRED_OK);
  EXPECT(hex.calls == 1 && /* FIPS 180-4 */
         strcmp(hex.text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
  EXPECT(crypto->hmac_sha256(crypto->context, slice_of("Jefe"), slice_of("what do ya want for nothing?"), &hex_sink,
                             NULL) == REGCRED_OK);
  EXPECT(hex.calls == 2 && /* RFC 4231, 4.3 */
         strcmp(hex.text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") == 0);
  EXPECT(crypto->rsa_sha256(crypto->context, slice_of("signing-key"), slice_of("abc"), &hex_sink, &error_sink) ==
         REGCRED_OK);
  EXPECT(self->secret->read(self->secret->context, slice_of("signature"), &text_sink, NULL) == REGCRED_OK);
  EXPECT(hex.calls == 3 && strlen(expected) == 512 && strcmp(hex.text, expected) == 0 && error[0] == '\0');
  EXPECT(crypto->rsa_sha256(crypto->context, slice_of("not-there"), slice_of("abc"), &hex_sink, &error_sink) ==
         REGCRED_BAD_CONFIG);
  EXPECT(hex.calls == 3 && error[0] != '\0');
  return REGCRED_OK;
}

typedef struct kept_result {
  int calls, known;
  int32_t exit_status, signal;
  char output[256], error[256];
} kept_result;

static void keep_result(void *context, const regcred_process_result_v1 *result) {
  kept_result *kept = context;
  ++kept->calls;
  kept->known = KNOWS_1_0(result);
  kept->exit_status = result->exit_status;
  kept->signal = result->signal;
  keep_text(kept->output, result->output);
  keep_text(kept->error, result->error);
}

static kept_result run(const backend *self, const char *program, const char *sha256, const char *script,
                       int32_t *code) {
  const regcred_slice arguments[] = {LITERAL("-c"), slice_of(script), LITERAL("sh"), LITERAL("an argument")};
  static const regcred_pair environment[] = {{LITERAL("ABI"), LITERAL("1.0")}};
  const regcred_process_request_v1 request = {HEADER(regcred_process_request_v1),
                                              .program = slice_of(program),
                                              .sha256 = slice_of(sha256),
                                              .arguments = arguments,
                                              .arguments_count = 4,
                                              .environment = environment,
                                              .environment_count = 1,
                                              .input = LITERAL("the input"),
                                              .timeout_ms = 5000};
  kept_result kept = {0};
  const regcred_process_sink_v1 sink = {HEADER(regcred_process_sink_v1), .context = &kept, .result = keep_result};
  *code = self->process->run(self->process->context, &request, &sink);
  return kept;
}

static int32_t check_programs(const backend *self, const regcred_sink_v1 *sink) {
  static const char other[] = "0000000000000000000000000000000000000000000000000000000000000000";
  int32_t code = REGCRED_OK;
  const kept_result ran = run(self, "/bin/sh", "", "cat; echo \"|$1|$ABI|$LANG|$PWD\"; echo x >&2; exit 7", &code);
  EXPECT(code == REGCRED_OK && ran.calls == 1 && ran.known && ran.exit_status == 7 && ran.signal == 0);
  EXPECT(strcmp(ran.output, "the input|an argument|1.0|C|/\n") == 0 && ran.error[0] == '\0');
  const kept_result killed = run(self, "/bin/sh", "", "kill -9 $$", &code);
  EXPECT(code == REGCRED_OK && killed.calls == 1 && killed.exit_status == -1 && killed.signal == 9);
  const kept_result changed = run(self, "/bin/sh", other, "", &code);
  EXPECT(code == REGCRED_BAD_CONFIG && changed.calls == 1 && changed.known && changed.exit_status == -1);
  EXPECT(changed.signal == 0 && changed.output[0] == '\0' && changed.error[0] != '\0');
  const kept_result relative = run(self, "sh", "", "", &code);
  EXPECT(code == REGCRED_BAD_REQUEST && relative.calls == 1 && relative.error[0] != '\0');
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
  if (code == REGCRED_OK) code = check_crypto(self, sink);
  if (code == REGCRED_OK) code = check_programs(self, sink);
  if (code != REGCRED_OK) return code;

  const kept_response response = post(self, url, request->service_account_token, REGCRED_HTTP_NO_RETRY, &code);
  EXPECT(code == REGCRED_OK && response.calls == 1 && response.status == 200 && response.attempts == 1);
  EXPECT(response.retry_after_seconds == -1 && response.error[0] == '\0' && response.json == 1);
  static const char large[4097] = {'x'};
  const regcred_slice too_large = {large, sizeof(large)};
  EXPECT(sink->add_auth(sink->context, request->registry, too_large, slice_of("x")) == REGCRED_BAD_REQUEST);
  EXPECT(sink->add_auth(sink->context, request->registry, slice_of("user"), slice_of(response.body)) == REGCRED_OK);
  const int margin_is_subtracted = equal(request->annotations[0].value, "provider");
  EXPECT(sink->set_cache(sink->context, REGCRED_SCOPE_REGISTRY, 3600) == REGCRED_OK);
  if (margin_is_subtracted) {
    EXPECT(sink->set_cache_duration(sink->context, REGCRED_SCOPE_REGISTRY, 600) == REGCRED_OK);
  }
  return REGCRED_OK;
}

static int32_t serves_registry(void *instance, regcred_slice registry, const regcred_sink_v1 *sink) {
  EXPECT(instance != NULL && KNOWS_1_0(sink));
  if (equal(registry, "registry.example.com")) return REGCRED_OK;
  sink->fail(sink->context, REGCRED_BAD_CONFIG, -1, slice_of("the backend of ABI 1.0 has one registry"));
  return REGCRED_BAD_CONFIG;
}

static int32_t settings_schema(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("{\"type\":\"object\",\"additionalProperties\":false}"));
  return REGCRED_OK;
}

static int32_t annotation_keys(const regcred_bytes_sink_v1 *sink) {
  sink->bytes(sink->context, slice_of("example.com/team"));
  return REGCRED_OK;
}

static int32_t expected_audiences(void *instance, regcred_slice registry, const regcred_bytes_sink_v1 *audiences,
                                  const regcred_bytes_sink_v1 *accepted_by) {
  (void)instance, (void)registry;
  audiences->bytes(audiences->context, slice_of("audience-of-1.0"));
  if (accepted_by != NULL) accepted_by->bytes(accepted_by->context, slice_of("what accepts it"));
  return REGCRED_OK;
}

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {
      HEADER(regcred_backend_v1),         .name = LITERAL("released"),
      .version = LITERAL("1.0"),          .token_use = REGCRED_TOKEN_REQUIRED,
      .uses = REGCRED_USES_PROCESS,       .create = create,
      .get_credentials = get_credentials, .destroy = destroy,
      .settings_schema = settings_schema, .annotation_keys = annotation_keys,
      .serves_registry = serves_registry, .expected_audiences = expected_audiences};
  return &table;
}
