// SPDX-License-Identifier: Apache-2.0
// The quay backend: robot federation. The pod's token is shown to Quay as the password of a robot account, and Quay
// answers with a short-lived token of that robot. START HERE: this file is the whole course of one request.
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "federation.hpp"
#include "options.hpp"
#include "robot.hpp"

namespace quay {
namespace {

using regcred::Credentials;
using regcred::Result;
using regcred::shown;

constexpr std::array<std::string_view, 1> annotation_keys = {robot_annotation};

class Quay final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "quay",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Quay>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Quay>(host, std::move(*options));
  }

  Quay(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    return regcred::require_served(registry, options_.registry_hosts,
                                   "neither settings.apiHost nor in settings.registryHosts");
  }

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Result<std::string> robot = choose_robot(request, options_.robot, options_.allowed_robots);
    if (!robot) return tl::make_unexpected(robot.error());
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());

    regcred::Exchange exchange(host_, *token,
                               {.name = "Quay",
                                .asked = "robot " + shown(*robot),
                                .host_setting = "settings.apiHost",
                                .refusals = refusals()});
    const Result<nlohmann::json> answer = exchange.send(federation_request(options_.api_host, *robot, token->text));
    if (!answer) return tl::make_unexpected(answer.error());
    // The robot's rights are the same for every path. How long its token lives, only the token's exp says.
    return exchange.credentials(
        *answer, {.password = "token", .fixed_username = *robot, .expires_in = {}, .scope = regcred::Scope::registry});
  }

 private:
  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace quay

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<quay::Quay>(); }
