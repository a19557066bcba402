// SPDX-License-Identifier: Apache-2.0
// The real Http, CryptoSource and probe: rules, retries, and libcurl and OpenSSL in a module that is loaded with the
// first use.
#pragma once

#include <memory>
#include <string>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "services/clock/clock.hpp"
#include "services/http/crypto.hpp"
#include "services/http/http.hpp"
#include "services/http/http_attempt.hpp"
#include "services/http/probe.hpp"
#include "services/http/trace.hpp"

namespace regcred::core {

struct HttpModule;

// Checks each request (request_rules.hpp), loads LIBRARY_DIRECTORY/regcred-http.so when the first has passed (trusted
// file, same build), and tries within the deadline (retry.hpp); each attempt is a line of `trace` (trace.hpp). Its
// references must outlive it. For one thread.
class LazyHttp final : public Http, public CryptoSource {
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
  [[nodiscard]] Result<const CryptoFunctions *> crypto() override;

 private:
  [[nodiscard]] Status load();
  [[nodiscard]] Status open();

  std::string library_directory_;
  const HttpConfig &config_;
  Deadline deadline_;
  Clock &clock_;
  HttpTrace trace_;
  const HttpModule *module_ = nullptr;
  HttpAttempt *attempt_ = nullptr;
};

// One probe (probe.hpp) by the module. Fails as load_http_module (module_library.hpp) does; a failed
// connection is in the report.
[[nodiscard]] Result<ProbeReport> probe_host(const std::string &library_directory, const HttpConfig &config,
                                             Clock &clock, std::string_view authority, AttemptLimits limits);

}  // namespace regcred::core
