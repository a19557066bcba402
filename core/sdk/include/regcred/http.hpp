// SPDX-License-Identifier: Apache-2.0
// HTTP for backends, through the host: TLS, proxy, retries, sizes and deadlines are the host's part. exchange.hpp
// stands on this and is enough where a registry has one token endpoint.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

// Names and values, in order; a name may occur again.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One call. What breaks a rule below ends it with BAD_REQUEST, before anything is sent.
struct HttpRequest {
  std::string method = "GET";  // GET, POST or PUT
  // https://host[:port][/path][?query] in printable ASCII, at most 8 KiB, without user info and fragment. What comes
  // from outside has passed percent_encode(), or host_and_port() of text.hpp.
  std::string url;
  // At most 100, 64 KiB in all, without control characters but tab. Not Host, Content-Length, Connection, Proxy-* and
  // others that decide where a message ends or who answers.
  HttpHeaders headers;
  Secret body;             // at most 1 MiB; not for GET. May hold the token: wiped when the request goes
  bool may_repeat = true;  // false: never tried twice, for a call with a lasting effect
  // One of the clouds' link-local metadata services that abi.h lists at REGCRED_HTTP_METADATA: by plain http, and never
  // through a proxy.
  bool metadata_endpoint = false;
  // Of one try, less than the host's own limit. nullopt: that limit. Where a metadata service may be absent, its
  // address answers nothing at all: 1 s is enough there.
  std::optional<std::chrono::milliseconds> timeout = std::nullopt;
  // Whom the call asks, as people know it: "STS". `regcred doctor` shows it. Exchange writes its party's name.
  std::string party = {};

  [[nodiscard]] HttpRequest clone() const;  // with a body of its own, as Secret::clone()
};

// A complete answer, whatever its status. Redirects are not followed, since the token would go with them: a 3xx ends
// here. Owns its bytes.
struct HttpResponse {
  int status = 0;                                   // 200 to 599
  int attempts = 0;                                 // tries that it took, 1 or more
  std::optional<std::chrono::seconds> retry_after;  // from Retry-After (RFC 9110, section 10.2.3)
  HttpHeaders headers;                              // names in lower case, at most 64 KiB
  Secret body;                                      // at most 1 MiB; may hold a token

  // The value of the first header named `name`, in lower case; empty when there is none. Lives in this object.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

  // True for 200 and 201: what token endpoints answer with a credential.
  [[nodiscard]] bool ok() const noexcept;

  // The body by parse_json_object() of json.hpp; nullopt when it is not a JSON object, or nests more than 32
  // containers.
  [[nodiscard]] std::optional<nlohmann::json> json_object() const;
};

// Sends requests through a host. Copies refer to the same host, which must outlive them.
class Http {
 public:
  explicit Http(const Host &host) noexcept;

  // Gives the response, whatever its status. The host tries again after connect failures, 408, 425, 429 and 5xx, as
  // long as the deadline (Clock::remaining()) allows and the request's `may_repeat` does.
  //
  // Without a response it fails with the host's code and one line for the operator, fit to be handed on: bad_request
  // (the request breaks a rule), unavailable (name, connection, TLS, proxy), timeout, bad_upstream (too large, not
  // HTTP), internal (the host has no such service, or no memory).
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest &request) const;

 private:
  const regcred_http_v1 *service_;  // null on a host without it
};

// `text` fit to be one path segment, one query value or one form value: every byte but the unreserved characters of RFC
// 3986, section 2.3 as %XX in upper case.
[[nodiscard]] inline std::string percent_encode(std::string_view text);

// host[:port] of an absolute URL, as it stands there: with user info when the URL has any. A view into `url`.
[[nodiscard]] inline std::string_view url_host(std::string_view url);

// What a status means where no registry's documentation says otherwise (RFC 9110, section 15): 400, 401, 403, 422
// denied; 408, 425, 5xx unavailable; 429 throttled; everything else, 2xx included, bad_upstream.
[[nodiscard]] inline Code code_of_status(int status);

// The failure that a response stands for: its code_of_status(), `text` for the operator, and when throttled the time to
// wait that the response names.
[[nodiscard]] inline Failure failure_of(const HttpResponse &response, std::string text);

}  // namespace regcred

#include <regcred/detail/http_impl.hpp>
