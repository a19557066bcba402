// SPDX-License-Identifier: Apache-2.0
#include "services/http/lazy_http.hpp"

#include "services/error_sink.hpp"
#include "services/http/module_library.hpp"
#include "services/http/request_rules.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {

LazyHttp::~LazyHttp() {
  if (attempt_ != nullptr) module_->close(attempt_);
}

Status LazyHttp::load() {
  if (module_ != nullptr) return {};
  const Result<const HttpModule *> module = load_http_module(library_directory_);
  if (!module) return tl::make_unexpected(module.error());
  module_ = *module;
  return {};
}

Status LazyHttp::open() {
  if (Status loaded = load(); !loaded) return loaded;
  attempt_ = module_->open(config_, clock_);
  if (attempt_ == nullptr) return tl::make_unexpected(damaged_module(library_directory_, "ran out of memory"));
  return {};
}

tl::expected<HttpResponse, HttpFailure> LazyHttp::send(const HttpRequest &request) {
  if (std::string broken = broken_rule(request); !broken.empty()) {
    return tl::make_unexpected(HttpFailure{REGCRED_BAD_REQUEST, std::move(broken), 0});
  }
  if (attempt_ == nullptr) {
    if (const Status opened = open(); !opened) {
      return tl::make_unexpected(HttpFailure{REGCRED_INTERNAL, line_of(opened.error()), 0});
    }
  }
  if (!trace_.wanted()) {
    return send_with_retries(request, *attempt_, config_, deadline_, clock_, &system_random_fraction);
  }
  TracedAttempt traced(*attempt_, trace_);
  return send_with_retries(request, traced, config_, deadline_, clock_, &system_random_fraction);
}

Result<const CryptoFunctions *> LazyHttp::crypto() {
  if (const Status loaded = load(); !loaded) return tl::make_unexpected(loaded.error());
  return &module_->crypto;
}

Result<ProbeReport> probe_host(const std::string &library_directory, const HttpConfig &config, Clock &clock,
                               std::string_view authority, AttemptLimits limits) {
  const Result<const HttpModule *> module = load_http_module(library_directory);
  if (!module) return tl::make_unexpected(module.error());
  const std::unique_ptr<Prober, void (*)(Prober *)> prober((*module)->open_prober(config, clock),
                                                           (*module)->close_prober);
  if (!prober) return tl::make_unexpected(damaged_module(library_directory, "ran out of memory"));
  return prober->probe(authority, limits);
}

}  // namespace regcred::core
