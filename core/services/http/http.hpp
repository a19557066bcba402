// SPDX-License-Identifier: Apache-2.0
// HTTP as a backend gets it: one request, and each kind of failure apart. START HERE in this folder.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace regcred::core {

// One request. Views into what the caller holds for the duration of the call: bodies hold tokens and are not copied.
struct HttpRequest {
  std::string_view method;  // GET, POST or PUT
  std::string_view url;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  bool may_repeat = true;          // false: one attempt only
  bool metadata_endpoint = false;  // a cloud's link-local endpoint: plain http allowed, never through a proxy
};

// When each phase of one attempt was over, in milliseconds from its start; -1: not reached, or not known.
struct PhaseTimes {
  std::int64_t name_ms = -1;        // name resolved
  std::int64_t connect_ms = -1;     // TCP connection to the server or its proxy
  std::int64_t tls_ms = -1;         // TLS session with the server
  std::int64_t first_byte_ms = -1;  // of the response
  std::int64_t whole_ms = -1;
};

// A complete response, whatever its status.
struct HttpResponse {
  int status = 0;
  int attempts = 1;
  std::int64_t retry_after_seconds = -1;                     // Retry-After (RFC 9110, 10.2.3); -1: absent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  PhaseTimes times;  // of the last attempt
};

// No response.
struct HttpFailure {
  std::int32_t code = REGCRED_INTERNAL;  // REGCRED_BAD_REQUEST, UNAVAILABLE, TIMEOUT, BAD_UPSTREAM or INTERNAL
  std::string text;                      // one line for people: what, and the cure; no secret
  int attempts = 0;                      // attempts made
};

// Interface. Real: LazyHttp (lazy_http.hpp). In tests: scripted.
class Http {
 public:
  Http() = default;
  Http(const Http &) = delete;
  Http &operator=(const Http &) = delete;
  virtual ~Http() = default;

  // Sends inside the request's deadline, with retries.
  [[nodiscard]] virtual tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) = 0;
};

}  // namespace regcred::core
