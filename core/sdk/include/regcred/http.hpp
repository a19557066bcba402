// SPDX-License-Identifier: Apache-2.0
// HTTP for backends, through the host: TLS, proxy, retries, sizes and deadlines are the host's part.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/detail/slice.hpp>
#include <regcred/host.hpp>
#include <regcred/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One call. The host refuses all but https URLs without user info.
struct HttpRequest {
  std::string method = "GET";  // GET, POST or PUT
  std::string url;             // absolute; build paths with percent_encode
  HttpHeaders headers;
  Secret body;                     // may hold the token: wiped afterwards
  bool may_repeat = true;          // false: never tried twice
  bool metadata_endpoint = false;  // a cloud's link-local metadata service
};

// A complete answer, whatever its status. Redirects are not followed: a 3xx ends here.
struct HttpResponse {
  int status = 0;
  int attempts = 0;
  std::optional<std::chrono::seconds> retry_after;
  HttpHeaders headers;  // names in lower case
  Secret body;          // may hold a token

  // The first header of that (lower-case) name, empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    for (const auto &[key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
  [[nodiscard]] bool ok() const noexcept { return status == 200 || status == 201; }
  // The body as a JSON object, nesting at most 32; nullopt for everything else.
  [[nodiscard]] std::optional<nlohmann::json> json_object() const { return parse_json_object(body.reveal()); }
};

namespace detail {

inline void append_percent_encoded(std::string &out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(hex[byte >> 4U]);
      out.push_back(hex[byte & 0xFU]);
    }
  }
}

}  // namespace detail

// `text` fit to be one path segment or one form value: all but RFC 3986 unreserved characters as %XX.
[[nodiscard]] inline std::string percent_encode(std::string_view text) {
  std::string out;
  detail::append_percent_encoded(out, text);
  return out;
}

// host[:port] of an absolute URL, as it stands there.
[[nodiscard]] inline std::string_view url_host(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// What a status means where no registry's documentation says otherwise (RFC 9110, section 15): 400, 401, 403, 422
// denied; 408, 425, 5xx unavailable; 429 throttled; all else bad_upstream.
[[nodiscard]] inline Code code_of_status(int status) {
  if (status == 400 || status == 401 || status == 403 || status == 422) return Code::denied;
  if (status == 429) return Code::throttled;
  return status == 408 || status == 425 || status >= 500 ? Code::unavailable : Code::bad_upstream;
}

// The failure that a response stands for: code_of_status(), the operator's sentence, and when throttled the time to
// wait.
[[nodiscard]] inline Failure failure_of(const HttpResponse &response, std::string text) {
  Failure failure{code_of_status(response.status), std::move(text)};
  if (failure.code == Code::throttled) failure.retry_after = response.retry_after;
  return failure;
}

// Sends requests through a host.
class Http {
 public:
  explicit Http(const Host &host) noexcept : service_(host.service<regcred_http_v1>(REGCRED_SERVICE_HTTP)) {}

  // Gives the response, whatever its status. Fails with the host's code and text when there is none: bad_request (the
  // request breaks a rule), unavailable (name, connection, TLS, proxy), timeout, bad_upstream (too large, not HTTP).
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest &request) const {
    if (service_ == nullptr) return failure(Code::internal, "this host has no service " REGCRED_SERVICE_HTTP);
    std::vector<regcred_pair> pairs;
    for (const auto &[name, value] : request.headers) {
      pairs.push_back({detail::to_slice(name), detail::to_slice(value)});
    }
    regcred_http_request_v1 raw{};
    detail::set_header(raw);
    raw.method = detail::to_slice(request.method);
    raw.url = detail::to_slice(request.url);
    raw.headers = pairs.data();
    raw.headers_count = pairs.size();
    raw.body = detail::to_slice(request.body.reveal());
    raw.flags =
        (request.may_repeat ? 0U : REGCRED_HTTP_NO_RETRY) | (request.metadata_endpoint ? REGCRED_HTTP_METADATA : 0U);

    Received received;
    regcred_http_sink_v1 sink{};
    detail::set_header(sink);
    sink.context = &received;
    sink.response = &Http::receive;
    const std::int32_t code = service_->send(service_->context, &raw, &sink);
    if (received.out_of_memory) return failure(Code::internal, "out of memory while reading a response");
    if (code != REGCRED_OK) return failure(static_cast<Code>(code), std::move(received.error));
    return std::move(received.response);
  }

 private:
  struct Received {
    HttpResponse response;
    std::string error;
    bool out_of_memory = false;
  };

  // Copies at once; called by the host, so no exception may leave.
  static void receive(void *context, const regcred_http_response_v1 *raw) noexcept {
    auto &received = *static_cast<Received *>(context);
    try {
      received.error = std::string(detail::to_view(raw->error));
      HttpResponse &response = received.response;
      response.status = raw->status;
      response.attempts = raw->attempts;
      if (raw->retry_after_seconds >= 0) response.retry_after = std::chrono::seconds(raw->retry_after_seconds);
      for (std::uint64_t i = 0; i < raw->headers_count; ++i) {
        response.headers.emplace_back(detail::to_view(raw->headers[i].name), detail::to_view(raw->headers[i].value));
      }
      response.body = Secret(detail::to_view(raw->body));
    } catch (...) {
      received.out_of_memory = true;
    }
  }

  const regcred_http_v1 *service_;
};

}  // namespace regcred
