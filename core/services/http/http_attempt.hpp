// SPDX-License-Identifier: Apache-2.0
// One attempt of one HTTP request: the layer below the retries.
#pragma once

#include "services/http/http.hpp"

namespace regcred::core {

struct AttemptLimits {
  std::int64_t whole_ms = 0;    // from the first packet to the last
  std::int64_t connect_ms = 0;  // of it, until the TLS session is established
};

// Why an attempt gave no response.
struct AttemptFailure {
  std::int32_t code = REGCRED_INTERNAL;
  std::string text;
  bool another_may_help = false;  // name, connection, or no answer in time; never after TLS failures
  PhaseTimes times = {};
};

// Interface. Real: CurlAttempt (curl_attempt.hpp), in the module. In tests: scripted.
class HttpAttempt {
 public:
  HttpAttempt() = default;
  HttpAttempt(const HttpAttempt &) = delete;
  HttpAttempt &operator=(const HttpAttempt &) = delete;
  virtual ~HttpAttempt() = default;

  [[nodiscard]] virtual tl::expected<HttpResponse, AttemptFailure> send(const HttpRequest &request,
                                                                        AttemptLimits limits) = 0;
};

}  // namespace regcred::core
