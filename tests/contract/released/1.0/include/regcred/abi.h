// SPDX-License-Identifier: Apache-2.0
/*
 * regcred backend ABI, version 1.0. START HERE to understand the boundary; C++ authors then read backend.hpp.
 *
 * A backend is a shared object that turns a Kubernetes service account token (KEP-4412) into credentials for one kind
 * of image registry. It exports exactly one symbol, regcred_backend_entry_v1. The host (regcred) loads it in a forked
 * worker process for one request, calls create, get_credentials and destroy, and ends the process.
 *
 * Conventions, all of them binding on both sides:
 *  1. Every struct that may grow starts with struct_size, abi_major, abi_minor, filled in by the side that OWNS it.
 *     The same major is required. Any minor is accepted: members past the peer's struct_size are absent and must not
 *     be read. Structs only ever grow at the end. regcred_slice and regcred_pair are frozen and never grow.
 *  2. Text is UTF-8 in slices, not terminated unless a comment says so. A slice of size 0 may have a null data.
 *  3. Nothing allocated on one side is freed on the other. Inputs live for the duration of the call. Outputs are
 *     handed to a sink, which copies them before it returns.
 *  4. Functions that can fail return a REGCRED_* code. A callee that gets an unknown code treats it as
 *     REGCRED_INTERNAL. The code decides what happens, the text is for people.
 *  5. All calls come from one thread, the one that called create. A backend starts no thread, and no process but by
 *     regcred.process/1.
 *  6. No exception and no longjmp crosses the boundary in either direction.
 *  7. Error and log text holds no token, password or HTTP body. The host redacts what it knows; do not rely on it.
 *  8. The worker is isolation against faults, not a security boundary: a backend runs with the rights of the host.
 *
 * Compiles as C11 and later and as C++17 and later.
 */
#ifndef REGCRED_ABI_H
#define REGCRED_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REGCRED_ABI_MAJOR 1
#define REGCRED_ABI_MINOR 0

/* ---- Result codes ------------------------------------------------------------------------------------------- */

#define REGCRED_OK 0             /* done */
#define REGCRED_NO_CREDENTIALS 1 /* nothing for this image: the host tries the next matching registry entry */
#define REGCRED_BAD_CONFIG 2     /* a setting is missing, unknown or wrong; the text names the key */
#define REGCRED_BAD_REQUEST 3    /* image, annotation or token unusable; the text names which */
#define REGCRED_DENIED 4         /* the registry refused this identity; trying again will not help */
#define REGCRED_UNAVAILABLE 5    /* registry not reachable or failing; may work later */
#define REGCRED_THROTTLED 6      /* registry asked us to wait; retry_after_seconds says how long, if known */
#define REGCRED_TIMEOUT 7        /* the deadline of this request is over */
#define REGCRED_BAD_UPSTREAM 8   /* the registry answered something that its documentation does not allow */
#define REGCRED_INTERNAL 9       /* a fault inside host or backend */

/* ---- Plain values ------------------------------------------------------------------------------------------- */

/* Bytes owned by somebody else. Frozen. */
typedef struct regcred_slice {
  const char *data;
  uint64_t size; /* bytes */
} regcred_slice;

/* A name and its value: an annotation or an HTTP header. Frozen, since it is used in arrays. */
typedef struct regcred_pair {
  regcred_slice name;
  regcred_slice value;
} regcred_pair;

/* Takes bytes from the callee. `bytes` may be called any number of times, each call is one value. */
typedef struct regcred_bytes_sink_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  void (*bytes)(void *context, regcred_slice value);
} regcred_bytes_sink_v1;

/* ---- Host services ------------------------------------------------------------------------------------------------
 * Obtained by regcred_host_v1.get_service and valid from create until destroy returns.
 */

#define REGCRED_SERVICE_HTTP "regcred.http/1"     /* regcred_http_v1 */
#define REGCRED_SERVICE_LOG "regcred.log/1"       /* regcred_log_v1 */
#define REGCRED_SERVICE_CLOCK "regcred.clock/1"   /* regcred_clock_v1 */
#define REGCRED_SERVICE_SECRET "regcred.secret/1" /* regcred_secret_v1 */
#define REGCRED_SERVICE_CRYPTO "regcred.crypto/1" /* regcred_crypto_v1 */
/* regcred_process_v1; null for a backend that does not declare REGCRED_USES_PROCESS. */
#define REGCRED_SERVICE_PROCESS "regcred.process/1"

/* regcred_http_request_v1.flags */
#define REGCRED_HTTP_NO_RETRY 1u /* one try only: the call is not safe to repeat */
/*
 * A cloud's metadata endpoint: plain http, never through a proxy. The URL's authority is exactly one of
 * 169.254.169.254, metadata.google.internal, metadata.google.internal., 169.254.170.2, 169.254.170.23, [fd00:ec2::254],
 * [fd00:ec2::23], 100.100.100.200.
 */
#define REGCRED_HTTP_METADATA 2u

typedef struct regcred_http_request_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  regcred_slice method; /* GET, POST or PUT */
  regcred_slice url;    /* https://host[:port][/path][?query], printable ASCII, at most 8 KiB; no user info, fragment */
  const regcred_pair *headers;
  uint64_t headers_count;
  regcred_slice body;  /* may be empty */
  uint32_t flags;      /* REGCRED_HTTP_* */
  uint32_t timeout_ms; /* of one try, within the host's own limits: 1000 for a metadata endpoint; 0: those limits */
  /* Whom the call asks, for people: "STS". At most 64 bytes are kept, for `regcred doctor`; may be empty. */
  regcred_slice party;
} regcred_http_request_v1;

typedef struct regcred_http_response_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  int32_t status;              /* 200..599, or 0 when no response was received */
  int32_t attempts;            /* tries made, 0 when the request was refused before the first */
  int64_t retry_after_seconds; /* from Retry-After (RFC 9110, 10.2.3), -1 when absent */
  const regcred_pair *headers; /* names in lower case, in the order received */
  uint64_t headers_count;
  regcred_slice body;
  regcred_slice error; /* when status is 0: one line for people, with the cure; else empty */
} regcred_http_response_v1;

typedef struct regcred_http_sink_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /* Called exactly once before `send` returns, also on failure. The response lives for the call. */
  void (*response)(void *context, const regcred_http_response_v1 *response);
} regcred_http_sink_v1;

/*
 * The only way to the network. The host verifies TLS (>= 1.2, peer and host name), follows no redirect, uses the
 * operator's CA file and proxy, limits sizes (headers 64 KiB, body 1 MiB), and tries again, inside the request's
 * deadline, after connect failures, tries without an answer in time, and 408, 425, 429, 5xx.
 */
typedef struct regcred_http_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /*
   * REGCRED_OK: a complete response arrived, whatever its status (3xx and 5xx included).
   * BAD_REQUEST: the request breaks a rule: its method, its URL, a GET with a body, a body over 1 MiB, over 100 headers
   * or 64 KiB of them, a name that is not a token (RFC 9110, 5.6.2) or decides where a message ends or who answers
   * (Host, Content-Length, Transfer-Encoding, Connection, Proxy-*, ...), a value with a control character but tab.
   * UNAVAILABLE: name, connection, TLS or proxy. TIMEOUT: deadline over. BAD_UPSTREAM: too large, or not HTTP.
   * INTERNAL: the host itself is damaged.
   */
  int32_t (*send)(void *context, const regcred_http_request_v1 *request, const regcred_http_sink_v1 *sink);
} regcred_http_v1;

#define REGCRED_LOG_DEBUG 0
#define REGCRED_LOG_INFO 1
#define REGCRED_LOG_WARN 2
#define REGCRED_LOG_ERROR 3

typedef struct regcred_log_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /* Not 0 when a line of this REGCRED_LOG_* level would be kept. */
  int32_t (*enabled)(void *context, int32_t level);
  /* One line; longer than 1 KiB is cut, control characters are escaped, the token is redacted. */
  void (*write)(void *context, int32_t level, regcred_slice text);
} regcred_log_v1;

typedef struct regcred_clock_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  int64_t (*unix_ms)(void *context);      /* wall clock, milliseconds since 1970-01-01 UTC */
  int64_t (*monotonic_ms)(void *context); /* never goes back; origin unspecified */
  int64_t (*remaining_ms)(void *context); /* until this request's deadline; <= 0 when it is over */
} regcred_clock_v1;

typedef struct regcred_secret_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /*
   * Reads one static secret of at most 64 KiB. `name` is the absolute path of a file that belongs to root (or the
   * caller) with mode 0600 or 0400, or a bare name in $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=).
   * Trailing line ends are removed. On success `secret` gets the bytes once. On failure the function returns
   * BAD_CONFIG and `error` gets one line with the cause and the cure. `error` may be null.
   */
  int32_t (*read)(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                  const regcred_bytes_sink_v1 *error);
} regcred_secret_v1;

/*
 * For registries that want requests signed. On success the result goes to the first sink once, as raw bytes. On failure
 * the function returns its code and `error` gets one line with the cause and the cure; `error` may be null. INTERNAL:
 * the host itself is damaged or out of memory.
 */
typedef struct regcred_crypto_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /* SHA-256 (FIPS 180-4): 32 bytes. */
  int32_t (*sha256)(void *context, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                    const regcred_bytes_sink_v1 *error);
  /* HMAC with SHA-256 (RFC 2104): 32 bytes. */
  int32_t (*hmac_sha256)(void *context, regcred_slice key, regcred_slice data, const regcred_bytes_sink_v1 *mac,
                         const regcred_bytes_sink_v1 *error);
  /*
   * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2): as many bytes as the key's modulus. The key stays in the host:
   * `key_name` names its file by the rules of regcred_secret_v1.read; it holds one private RSA key of 2048 bits or more
   * as PEM, PKCS #8 or PKCS #1, without a passphrase. BAD_CONFIG: not such a file.
   */
  int32_t (*rsa_sha256)(void *context, regcred_slice key_name, regcred_slice data,
                        const regcred_bytes_sink_v1 *signature, const regcred_bytes_sink_v1 *error);
} regcred_crypto_v1;

/* One run of a program. */
typedef struct regcred_process_request_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  regcred_slice program;          /* absolute path; also the program's argv[0] */
  regcred_slice sha256;           /* of the file, 64 lower-case hex digits; empty: not compared */
  const regcred_slice *arguments; /* behind argv[0], at most 64; every user of the node can read them: no secret */
  uint64_t arguments_count;
  const regcred_pair *environment; /* variables, at most 64; they win over those of the host: no secret */
  uint64_t environment_count;
  regcred_slice input; /* the whole of standard input, at most 1 MiB; here a secret may be */
  uint32_t timeout_ms; /* from the start to the end; 0: as long as the host allows */
  uint32_t reserved;   /* 0 */
} regcred_process_request_v1;

typedef struct regcred_process_result_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  int32_t exit_status;  /* 0..255, or -1 when a signal ended it, and without a run */
  int32_t signal;       /* that signal, else 0 */
  regcred_slice output; /* the whole of standard output: may hold secrets */
  regcred_slice error;  /* unless OK: one line for people, with the cure; else empty */
} regcred_process_result_v1;

typedef struct regcred_process_sink_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /* Called exactly once before `run` returns, also on failure. The result lives for the call. */
  void (*result)(void *context, const regcred_process_result_v1 *result);
} regcred_process_sink_v1;

/*
 * The only way to run a program, and not a shell. The file, the directories above it and the symlinks on the way belong
 * to root (or the caller), and nobody else can write to them. The program gets a session and process group of its own,
 * descriptors 0 to 2 and no other, "/" as working directory, umask 077, the signals' default actions, and as
 * environment PATH=/usr/sbin:/usr/bin:/sbin:/bin, LANG=C, the request's variables, and the proxy variables where the
 * operator wrote `proxy: environment`. A script runs by its #! line. Standard error is read and dropped. `run` returns
 * when the program has ended; whatever it started, daemons included, is killed then. It has the request's timeout, but
 * never the last two seconds before the deadline: then it is killed.
 */
typedef struct regcred_process_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /*
   * REGCRED_OK: it ran and ended, however. BAD_REQUEST: the request breaks a rule above, or a text holds a NUL.
   * BAD_CONFIG: the file is missing, not trusted, has another SHA-256, or cannot be executed. TIMEOUT: it was killed,
   * or no time was left. BAD_UPSTREAM: more than 1 MiB of output. UNAVAILABLE: this node gave no process. INTERNAL: no
   * memory.
   */
  int32_t (*run)(void *context, const regcred_process_request_v1 *request, const regcred_process_sink_v1 *sink);
} regcred_process_v1;

/* What the host gives to a backend. Valid from create until destroy returns. */
typedef struct regcred_host_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /* `id` is NUL-terminated, one of REGCRED_SERVICE_*. Null when this host does not have that service. */
  const void *(*get_service)(void *context, const char *id);
} regcred_host_v1;

/* ---- One request -------------------------------------------------------------------------------------------- */

typedef struct regcred_request_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  regcred_slice image;    /* normalised, without tag and digest: docker.io/library/nginx */
  regcred_slice registry; /* host[:port], the part of image before the first slash */
  /* The pod's token, a compact JWT. Empty when the kubelet sent none or the entry's policy withholds it. */
  regcred_slice service_account_token;
  const regcred_pair *annotations; /* of the service account, only those the operator lets through */
  uint64_t annotations_count;
} regcred_request_v1;

#define REGCRED_SCOPE_IMAGE 0    /* the credential is for this image's path only */
#define REGCRED_SCOPE_REGISTRY 1 /* the credential is for the whole registry host */

#define REGCRED_LIFETIME_UNKNOWN (-1) /* the operator's defaultCacheDuration rules */

/* Where create and get_credentials put what they have to say. Every function copies at once. */
typedef struct regcred_sink_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *context;
  /*
   * One credential. `registry` is the request's registry, or registry/path with a path that starts the image's path;
   * anything else fails the request. At most 16 calls; username non-empty and at most 4 KiB, secret at most 64 KiB,
   * both without control characters, the username without ':'. Returns OK, BAD_REQUEST (too many, too large) or
   * INTERNAL (no memory).
   */
  int32_t (*add_auth)(void *context, regcred_slice registry, regcred_slice username, regcred_slice secret);
  /*
   * How far the credential reaches (REGCRED_SCOPE_*, the host may narrow it) and how many seconds it lives from now:
   * >= 0, or REGCRED_LIFETIME_UNKNOWN. 0 forbids caching, as needed when the secret is the pod's own token. The host
   * subtracts its margin. Without this call: image scope, lifetime unknown.
   */
  int32_t (*set_cache)(void *context, int32_t scope, int64_t lifetime_seconds);
  /*
   * The reason of a failure, one line for the operator, at most 512 bytes are kept: what was wrong, where to look.
   * retry_after_seconds is -1 when unknown. Call it before returning `code`; of several calls the last one counts.
   * Returns OK, or INTERNAL when there is no memory to keep the text.
   */
  int32_t (*fail)(void *context, int32_t code, int64_t retry_after_seconds, regcred_slice text);
  /*
   * In place of set_cache, when the source of the credential has subtracted its margin already, as another credential
   * provider has: for how many seconds it may be reused, >= 0, or REGCRED_LIFETIME_UNKNOWN. The host subtracts nothing;
   * the operator's cache.maxDuration still bounds it. Of set_cache and set_cache_duration the last call counts.
   */
  int32_t (*set_cache_duration)(void *context, int32_t scope, int64_t seconds);
} regcred_sink_v1;

/* ---- The backend -------------------------------------------------------------------------------------------- */

#define REGCRED_TOKEN_REQUIRED 0 /* cannot work without a service account token */
#define REGCRED_TOKEN_OPTIONAL 1 /* uses a token when there is one */
#define REGCRED_TOKEN_NEVER 2    /* must not see the token */

/* regcred_backend_v1.uses: what the backend needs beside the services that every backend has. */
#define REGCRED_USES_PROCESS 1u /* regcred.process/1 */

typedef struct regcred_backend_v1 {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  regcred_slice name;    /* [a-z][a-z0-9-]{0,62}, equal to the file name without .so */
  regcred_slice version; /* of the backend, printable, at most 64 bytes */
  int32_t token_use;     /* REGCRED_TOKEN_*: the default of the configuration's serviceAccountToken */
  uint32_t uses;         /* REGCRED_USES_*, joined by |; other bits are 0 */
  /*
   * Makes an instance for one registry entry. `settings_json` is the entry's `settings`, a JSON object (UTF-8).
   * On success stores a pointer that is only handed back. On failure stores null, says why by sink->fail and returns
   * the same code, usually BAD_CONFIG. A setting that nobody reads is an error. Makes no network call.
   */
  int32_t (*create)(const regcred_host_v1 *host, regcred_slice settings_json, const regcred_sink_v1 *sink,
                    void **instance);
  /* Answers one request: OK after at least one add_auth, NO_CREDENTIALS, or a failure told by sink->fail. */
  int32_t (*get_credentials)(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink);
  /* Ends what create made. Never fails. Not called when create failed. */
  void (*destroy)(void *instance);
  /* One value: the JSON Schema (draft 2020-12) of the settings. Pure, callable without an instance. */
  int32_t (*settings_schema)(const regcred_bytes_sink_v1 *sink);
  /* One value per service account annotation key that the backend reads. Pure, callable without an instance. */
  int32_t (*annotation_keys)(const regcred_bytes_sink_v1 *sink);
  /*
   * Whether an instance with these settings can ever answer for the registry `registry`, host[:port] without a path:
   * OK, or BAD_CONFIG after sink->fail said why not. Pure: calls no service of the host. `regcred check` calls it; the
   * answer must be the one of get_credentials. Null when every registry is served.
   */
  int32_t (*serves_registry)(void *instance, regcred_slice registry, const regcred_sink_v1 *sink);
  /*
   * Which audiences of the pod's token the party that verifies it accepts unless somebody configured it otherwise, for
   * an instance with these settings and `registry`, host[:port], which may hold the wildcards of matchImages
   * ("*.example.com"). `audiences` gets one value each, at most 16 of 1 to 256 printable bytes, first the one to use;
   * none when the audience is the operator's choice, is not known, or no token is used. `accepted_by` may be null; it
   * gets at most one value of at most 256 printable bytes: what to change so that another audience is accepted, as "the
   * client IDs of the IAM identity provider". Pure: calls no service of the host. Returns OK, or INTERNAL. The
   * operators' commands call it; no request does. Null when it would never give a value.
   */
  int32_t (*expected_audiences)(void *instance, regcred_slice registry, const regcred_bytes_sink_v1 *audiences,
                                const regcred_bytes_sink_v1 *accepted_by);
} regcred_backend_v1;

/* Visibility of the one symbol; everything else in a backend is hidden. */
#if defined(__GNUC__)
#define REGCRED_EXPORT __attribute__((visibility("default")))
#else
#define REGCRED_EXPORT
#endif

#define REGCRED_BACKEND_ENTRY_V1 "regcred_backend_entry_v1"

/* The one exported symbol. Does no work: returns the address of a table that lives as long as the process. */
REGCRED_EXPORT const regcred_backend_v1 *regcred_backend_entry_v1(void);

#ifdef __cplusplus
}
#endif

#endif /* REGCRED_ABI_H */
