// SPDX-License-Identifier: Apache-2.0
// The real Prober. Lives in the module.
#pragma once

#include "common/registry_config.hpp"
#include "services/clock/clock.hpp"
#include "services/http/probe.hpp"

namespace regcred::core {

// Connects exactly as CurlAttempt does (same options, roots, proxy; verification stays on) and ends when the TLS
// session is established: no byte of HTTP is sent to the server. `config` and `clock` outlive it.
class CurlProber final : public Prober {
 public:
  CurlProber(const HttpConfig &config, Clock &clock);

  [[nodiscard]] ProbeReport probe(std::string_view authority, AttemptLimits limits) override;

 private:
  const HttpConfig &config_;
  Clock &clock_;
};

}  // namespace regcred::core
