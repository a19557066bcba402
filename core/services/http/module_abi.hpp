// Between regcred and its own module regcred-http.so, both of one build: C++ types may cross.
#pragma once

#include "common/registry_config.hpp"
#include "services/clock/clock.hpp"
#include "services/http/http_try.hpp"

namespace regcred::core {

inline constexpr const char *http_module_file = "regcred-http.so";
inline constexpr const char *http_module_symbol = "regcred_http_module";

// Changes with the version, the compiler and the shape of what crosses.
struct BuildId {
  const char *version = REGCRED_VERSION " " __VERSION__;
  std::size_t sizes[4] = {sizeof(HttpConfig), sizeof(HttpRequest), sizeof(HttpResponse), sizeof(TryFailure)};
};

// The one symbol of the module. Only `build` may be read before it has been compared.
struct HttpModule {
  BuildId build;
  // Gives a CurlTry, which refers to both; freed by `close`. Null when out of memory.
  HttpTry *(*open)(const HttpConfig &config, Clock &clock) noexcept;
  void (*close)(HttpTry *http) noexcept;
};

}  // namespace regcred::core
