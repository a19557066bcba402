// The real Http: rules, retries, and libcurl in a module that is loaded with the first request.
#pragma once

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <string>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "services/clock/clock.hpp"
#include "services/http/http.hpp"
#include "services/http/http_try.hpp"
#include "services/http/trace.hpp"

namespace regcred::core {

struct HttpModule;

// Checks each request (request_rules.hpp), loads LIBRARY_DIRECTORY/regcred-http.so when the first has passed (trusted
// file, same build), and tries within the deadline (retry.hpp), each try a line of `trace` (trace.hpp). What it refers
// to outlives it. For one thread.
class LazyHttp final : public Http {
 public:
  LazyHttp(std::string library_directory, const HttpConfig &config, Deadline deadline, Clock &clock,
           HttpTrace trace = {})
      : library_directory_(std::move(library_directory)),
        config_(config),
        deadline_(deadline),
        clock_(clock),
        trace_(trace) {}
  ~LazyHttp() override;

  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) override;

 private:
  [[nodiscard]] Status load();

  std::string library_directory_;
  const HttpConfig &config_;
  Deadline deadline_;
  Clock &clock_;
  HttpTrace trace_;
  std::unique_ptr<boost::dll::shared_library> library_;  // stays mapped until the process ends
  const HttpModule *module_ = nullptr;
  HttpTry *try_ = nullptr;
};

}  // namespace regcred::core
