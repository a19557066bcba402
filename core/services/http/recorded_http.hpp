// SPDX-License-Identifier: Apache-2.0
// Which calls a backend made, for `regcred doctor`: one line of a report each. Never a body, a query, a credential.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/clock/clock.hpp"
#include "services/http/http.hpp"

namespace regcred::core {

inline constexpr std::size_t recorded_calls_max = 32;
inline constexpr std::size_t recorded_text_bytes_max = 300;

// One call with all its attempts. The texts are printable, and cut.
struct HttpCall {
  std::string party;  // whom it asked, in the backend's words, at most 64 bytes; may be empty
  std::string method;
  std::string url;      // without its query
  int status = 0;       // 0: no response
  std::string failure;  // then: why
  int attempts = 0;     // 0: refused before the first
  std::int64_t ms = 0;  // from the first attempt to the end of the last
};

// Passes every request on, and keeps the first recorded_calls_max. `token` is the pod's: it is hidden, as are in a URL
// or a failure the values of the request's headers.
class RecordedHttp final : public Http {
 public:
  RecordedHttp(Http &http, Clock &clock, std::string_view token) : http_(http), clock_(clock), token_(token) {}

  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) override;
  [[nodiscard]] std::vector<HttpCall> take() { return std::move(calls_); }

 private:
  Http &http_;
  Clock &clock_;
  std::string_view token_;
  std::vector<HttpCall> calls_;
};

}  // namespace regcred::core
