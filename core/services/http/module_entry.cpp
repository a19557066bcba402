// SPDX-License-Identifier: Apache-2.0
// The module's side of module_abi.hpp.

#include "services/http/curl_attempt.hpp"
#include "services/http/curl_probe.hpp"
#include "services/http/module_abi.hpp"

namespace regcred::core {
namespace {

HttpAttempt *open_module(const HttpConfig &config, Clock &clock) noexcept {
  try {
    return new CurlAttempt(config, clock);
  } catch (...) {
    return nullptr;
  }
}

void close_module(HttpAttempt *http) noexcept { delete http; }

Prober *open_prober(const HttpConfig &config, Clock &clock) noexcept {
  try {
    return new CurlProber(config, clock);
  } catch (...) {
    return nullptr;
  }
}

void close_prober(Prober *prober) noexcept { delete prober; }

}  // namespace

extern "C" {
extern const HttpModule regcred_http_module __attribute__((visibility("default")));
const HttpModule regcred_http_module = {{},
                                        &open_module,
                                        &close_module,
                                        &open_prober,
                                        &close_prober,
                                        &check_signature,
                                        {&sha256, &hmac_sha256, &sign_rsa_sha256}};
}

}  // namespace regcred::core
