// SPDX-License-Identifier: Apache-2.0
// HTTP as a backend uses it: one request, a response or a failure with its kind. START HERE in this folder.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "services/http/address_kind.hpp"

namespace regcred::core {

// Where the connection of a request may go, judged by the address at the moment it is made, and where it went. A proxy
// resolves names itself: then the name alone is judged.
struct AddressGuard {
  AddressKinds allowed = every_address_kind;
  std::string address = {};  // that it went to; empty: to none, or to a proxy
  std::string refused = {};  // what stood in the way when it went to none

  // Notes what it refuses.
  [[nodiscard]] bool allows(AddressKind kind, std::string_view what) {
    if ((allowed & kinds(kind)) != 0) return true;  // guard: connect-address
    refused = std::string(what) + ", " + words_of(kind);
    return false;
  }
};

// One request. Views into what the caller holds for the duration of the call: bodies hold tokens and are not copied.
struct HttpRequest {
  std::string_view method;  // GET, POST or PUT; with `may_patch` also PATCH
  std::string_view url;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  bool may_repeat = true;          // false: one attempt only
  bool metadata_endpoint = false;  // a cloud's link-local endpoint: plain http allowed, never through a proxy
  std::int64_t timeout_ms = 0;     // of one attempt, within the configuration's own limits; 0: those
  AddressGuard *guard = nullptr;   // outlives the call; null: no limit
  std::string_view party = {};     // whom it asks, in the backend's words; may be empty
  bool may_patch = false;          // a request of the core's own: the ABI has no PATCH
};

// When each phase of one attempt ended, in milliseconds from its start; -1: not reached, or not known.
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
