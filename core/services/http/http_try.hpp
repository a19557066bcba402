// One try of one HTTP request: what lies below the retries.
#pragma once

#include "services/http/http.hpp"

namespace regcred::core {

struct TryLimits {
  std::int64_t whole_ms = 0;    // from the first packet to the last
  std::int64_t connect_ms = 0;  // of it, until TLS stands
};

// Why a try gave no response.
struct TryFailure {
  std::int32_t code = REGCRED_INTERNAL;
  std::string text;
  bool another_may_help = false;  // name, connection, or no answer in time; never after TLS failures
  PhaseTimes times = {};
};

// The seam. Real: CurlTry (curl_try.hpp), in the module. In tests: scripted.
class HttpTry {
 public:
  HttpTry() = default;
  HttpTry(const HttpTry &) = delete;
  HttpTry &operator=(const HttpTry &) = delete;
  virtual ~HttpTry() = default;

  [[nodiscard]] virtual tl::expected<HttpResponse, TryFailure> send(const HttpRequest &request, TryLimits limits) = 0;
};

}  // namespace regcred::core
