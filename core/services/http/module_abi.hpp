// SPDX-License-Identifier: Apache-2.0
// Between regcred and its own module regcred-http.so, both of one build: C++ types may cross.
#pragma once

#include "common/registry_config.hpp"
#include "services/clock/clock.hpp"
#include "services/http/crypto.hpp"
#include "services/http/http_attempt.hpp"
#include "services/http/probe.hpp"
#include "services/http/signature.hpp"

namespace regcred::core {

inline constexpr const char *http_module_file = "regcred-http.so";
inline constexpr const char *http_module_symbol = "regcred_http_module";

// Changes with the version, the compiler and the sizes of the shared structs.
struct BuildId {
  const char *version = REGCRED_VERSION " " __VERSION__;
  std::size_t sizes[7] = {sizeof(HttpConfig),     sizeof(HttpRequest), sizeof(HttpResponse),
                          sizeof(AttemptFailure), sizeof(ProbeReport), sizeof(SignedToken) + sizeof(PublicKey),
                          sizeof(CryptoFunctions)};
};

// The one symbol of the module. Only `build` may be read before it has been compared.
struct HttpModule {
  BuildId build;
  // Gives a CurlAttempt, which refers to both; freed by `close`. Null when out of memory.
  HttpAttempt *(*open)(const HttpConfig &config, Clock &clock) noexcept;
  void (*close)(HttpAttempt *http) noexcept;
  // The same with a CurlProber.
  Prober *(*open_prober)(const HttpConfig &config, Clock &clock) noexcept;
  void (*close_prober)(Prober *prober) noexcept;
  // signature.hpp.
  SignatureCheck (*check_signature)(const SignedToken &token, const PublicKey &key) noexcept;
  CryptoFunctions crypto;
};

}  // namespace regcred::core
