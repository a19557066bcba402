// SPDX-License-Identifier: Apache-2.0
// Log lines about requests: one per attempt at level debug. Never a body, a query, a credential.
#pragma once

#include <string>
#include <string_view>

#include "services/http/http_attempt.hpp"
#include "services/log/log_sink.hpp"

namespace regcred::core {

// Where the lines go; none without a log.
struct HttpTrace {
  LogSink *log = nullptr;
  std::string_view token = {};  // the pod's: hidden where a server quotes it

  [[nodiscard]] bool wanted() const noexcept { return log != nullptr && log->enabled(REGCRED_LOG_DEBUG); }
};

// "POST https://api.example.com/openid/acme/: HTTP 201 in 37 ms (name 1, connect 3, TLS 12, first byte 35), attempt 1;
// x-ratelimit-remaining: 1799", or "...: no response in 5003 ms (...), attempt 2: WHY". Times count from the attempt's
// start. Of the headers only those about rate limits are shown (rate_limit_headers), of the URL all but its query.
[[nodiscard]] std::string trace_line(const HttpRequest &request,
                                     const tl::expected<HttpResponse, AttemptFailure> &outcome, int attempt,
                                     std::string_view token);

// What a line about `request` must not hold, since a server may quote what it was sent: the pod's token, and each
// credential in a header ("Basic ..."). Views into both.
[[nodiscard]] std::vector<std::string_view> secrets_of(const HttpRequest &request, std::string_view token);

// Retry-After, RateLimit, RateLimit-*, X-RateLimit-*, as "name: value; name: value": four at most, Retry-After first,
// the others in the order of the response. A value that is longer than 64 bytes, or has words longer than 16, is not
// such a value and becomes "(odd)".
[[nodiscard]] std::string rate_limit_headers(const std::vector<std::pair<std::string, std::string>> &headers);

// Passes every attempt on and writes its line. One per request: it counts the attempts.
class TracedAttempt final : public HttpAttempt {
 public:
  TracedAttempt(HttpAttempt &http, HttpTrace trace) : http_(http), trace_(trace) {}

  [[nodiscard]] tl::expected<HttpResponse, AttemptFailure> send(const HttpRequest &request,
                                                                AttemptLimits limits) override;

 private:
  HttpAttempt &http_;
  HttpTrace trace_;
  int attempts_ = 0;
};

}  // namespace regcred::core
