// SPDX-License-Identifier: Apache-2.0
// The harbor backend: the pod's token itself is the registry's password, since Harbor matches its claims to a federated
// robot account. Nothing is exchanged, so there is no network call. START HERE: the whole course of one request.
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/registry.hpp>
#include <utility>

#include "options.hpp"

namespace harbor {
namespace {

using regcred::Result;

class Harbor final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "harbor",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
  };

  static Result<std::unique_ptr<Harbor>> create(regcred::Host host, regcred::Settings &settings) {
    Result<regcred::PassThrough> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Harbor>(host, std::move(*options));
  }

  Harbor(regcred::Host host, regcred::PassThrough options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    return regcred::require_served(registry, options_);
  }

  regcred::ExpectedAudiences expected_audiences(std::string_view registry) const override {
    return regcred::expected_audiences(registry, options_);
  }

  Result<regcred::Credentials> get_credentials(const regcred::Request &request) override {
    return regcred::pass_through(host_, request, options_);
  }

 private:
  regcred::Host host_;
  regcred::PassThrough options_;
};

}  // namespace
}  // namespace harbor

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<harbor::Harbor>(); }
