// The harbor backend: the pod's token itself is the registry's password, since Harbor matches its claims to a federated
// robot account. Nothing is exchanged, so there is no network call. START HERE: the whole course of one request.
#include <chrono>
#include <memory>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <string>
#include <utility>

#include "options.hpp"
#include "pod_token.hpp"

namespace harbor {
namespace {

using regcred::Credentials;
using regcred::Result;

class Harbor final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "harbor",
      .version = "0.1.0",
      .token = regcred::TokenNeed::required,
      .settings_schema = settings_schema,
  };

  static Result<std::unique_ptr<Harbor>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    return std::make_unique<Harbor>(host, std::move(*options));
  }

  Harbor(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<Credentials> get_credentials(const regcred::Request &request) override {
    const Result<std::string> registry = served_registry(options_, request.registry());
    if (!registry) return tl::make_unexpected(registry.error());
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    if (Result<void> fits = check_claims(options_, *registry, token->claims, host_.clock().unix_now()); !fits) {
      return tl::make_unexpected(std::move(fits.error()));
    }
    // Harbor's verdict reaches the container runtime only; this line is what an operator can compare with the robot.
    host_.log().debug("the pod's token is the password at " + *registry + "; " + told(token->claims));

    Credentials credentials;
    credentials.username = options_.username;
    credentials.password = regcred::Secret(token->text);
    // What a robot may do does not depend on the path of the image.
    credentials.scope = regcred::Scope::registry;
    // Never cached: the kubelet would give one pod's token to other pods, and keep it beyond its pod.
    credentials.lifetime = std::chrono::seconds(0);
    return credentials;
  }

 private:
  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace harbor

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<harbor::Harbor>(); }
