// SPDX-License-Identifier: Apache-2.0
// One attempt with libcurl. Lives in the module, so that only a worker that needs the network maps libcurl and OpenSSL.
#pragma once

#include <optional>

#include "common/registry_config.hpp"
#include "services/clock/clock.hpp"
#include "services/http/curl_setup.hpp"
#include "services/http/http_attempt.hpp"
#include "services/http/trust_roots.hpp"

namespace regcred::core {

// Rules H1 to H5, H8 and H9 of the promises, by curl_options.hpp. A connection serves the next attempt for the same
// host and port when the last answer was a proper one, so that a backend's second call needs no second TLS handshake.
// It belongs to this object, which lives in one worker, for one backend. `config` and `clock` outlive it. Not for
// several threads.
class CurlAttempt final : public HttpAttempt {
 public:
  CurlAttempt(const HttpConfig &config, Clock &clock);
  ~CurlAttempt() override;

  // `request` has passed broken_rule (request_rules.hpp). A response of any status is a success; headers beyond
  // limits::http_headers_bytes_max or a body beyond limits::http_body_bytes_max end the attempt with
  // REGCRED_BAD_UPSTREAM.
  [[nodiscard]] tl::expected<HttpResponse, AttemptFailure> send(const HttpRequest &request,
                                                                AttemptLimits limits) override;

 private:
  const HttpConfig &config_;
  Clock &clock_;
  CurlHandle easy_;                          // with the connections that are kept; empty: none is
  std::optional<Result<TrustRoots>> roots_;  // found with the first attempt that needs them
};

}  // namespace regcred::core
