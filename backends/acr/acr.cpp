// SPDX-License-Identifier: Apache-2.0
// The ACR backend: Entra turns the pod's token into an access token of an app or managed identity, and the registry
// turns that into a refresh token, its password. START HERE: this file is the whole course of one request.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/exchange.hpp>
#include <regcred/registry.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.hpp"
#include "parties.hpp"
#include "registry_hosts.hpp"

namespace acr {
namespace {

using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Identity;
using regcred::Request;
using regcred::Result;
using regcred::Secret;
using regcred::shown;

// Those of AKS's own credential provider, then those of azure-workload-identity.
constexpr std::array<std::string_view, 4> annotation_keys = {
    "kubernetes.azure.com/acr-client-id", "kubernetes.azure.com/acr-tenant-id", "azure.workload.identity/client-id",
    "azure.workload.identity/tenant-id"};

// What a service account may choose: by the first of two annotations that it has.
struct Choosable {
  std::array<std::string_view, 2> annotations;
  const std::optional<std::string> &setting;
  const std::vector<std::string> &allowed;
  std::string_view setting_name;
  std::string_view allowed_name;
};

// nullopt: neither an annotation nor the setting.
Result<std::optional<std::string>> chosen(const Request &request, const Choosable &from) {
  const std::string_view key = regcred::first_annotation(request, from.annotations);
  if (key.empty()) return from.setting;
  const Result<std::string> id =
      regcred::choose(request, {key, from.setting, from.setting_name, from.allowed_name}, [&](std::string_view asked) {
        const std::string wanted = regcred::lower_case(asked);
        return wanted == from.setting ||
               std::find(from.allowed.begin(), from.allowed.end(), wanted) != from.allowed.end();
      });
  if (!id) return tl::make_unexpected(id.error());
  return regcred::lower_case(*id);
}

// Who asks. The client is empty with identity: node where the node has one managed identity.
struct Client {
  std::string tenant;
  std::string id;

  [[nodiscard]] std::string words() const {
    return "tenant " + shown(tenant) + (id.empty() ? "" : ", client " + shown(id));
  }
};

class Acr final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "acr",
      .version = REGCRED_BACKEND_VERSION,
      .token = regcred::TokenNeed::optional,  // identity: node needs none
      .settings_schema = settings_schema,
      .annotation_keys = annotation_keys,
  };

  static Result<std::unique_ptr<Acr>> create(regcred::Host host, regcred::Settings &settings) {
    Result<Options> options = read_options(settings);
    if (!options) return tl::make_unexpected(std::move(options.error()));
    if (options->identity == Identity::token && !options->client_id && options->allowed_client_ids.empty()) {
      host.log().info("neither clientId nor allowedClientIds is set, so no pod gets a credential; set one");
    }
    return std::make_unique<Acr>(host, std::move(*options));
  }

  Acr(regcred::Host host, Options options) : host_(host), options_(std::move(options)) {}

  Result<void> serves_registry(std::string_view registry) const override {
    if (!authority_of_registry(regcred::https_host(registry).value_or("")).empty()) return {};
    Result<void> served =
        regcred::require_served(registry, options_.registries, "neither Azure's nor in settings.registryHosts");
    if (!served || options_.authority_host || options_.identity == Identity::node) return served;
    return failure(Code::bad_config, "settings.authorityHost: is missing; image host " + shown(registry) +
                                         " does not say which cloud it belongs to: write its Entra authority, like "
                                         "login.microsoftonline.com");
  }

  // An authority that is not known is a proxy or a test of Entra's: the cloud is then that of the registry.
  regcred::ExpectedAudiences expected_audiences(std::string_view registry) const override {
    if (options_.identity == Identity::node) return {};
    std::string_view audience = token_audience(options_.authority_host.value_or(""));
    if (audience.empty()) audience = token_audience(authority_of_suffix(regcred::lower_case(registry)));
    if (audience.empty()) return {};
    return {{std::string(audience)}, "the audience of the federated credential"};
  }

  Result<Credentials> get_credentials(const Request &request) override {
    const Result<void> served = serves_registry(request.registry());
    if (!served) return tl::make_unexpected(served.error());
    const Result<Client> client = client_of(request);
    if (!client) return tl::make_unexpected(client.error());
    const std::string registry = regcred::https_host(request.registry()).value_or("");
    const Result<Secret> access =
        options_.identity == Identity::node ? of_the_node(*client) : of_the_pod(request, registry, *client);
    if (!access) return tl::make_unexpected(access.error());
    return exchanged(registry, *client, *access);
  }

 private:
  Result<Client> client_of(const Request &request) const {
    const Result<std::optional<std::string>> client = chosen(request, {{annotation_keys[0], annotation_keys[2]},
                                                                       options_.client_id,
                                                                       options_.allowed_client_ids,
                                                                       "settings.clientId",
                                                                       "settings.allowedClientIds"});
    if (!client) return tl::make_unexpected(client.error());
    const Result<std::optional<std::string>> tenant = chosen(request, {{annotation_keys[1], annotation_keys[3]},
                                                                       options_.tenant_id,
                                                                       options_.allowed_tenant_ids,
                                                                       "settings.tenantId",
                                                                       "settings.allowedTenantIds"});
    if (!tenant) return tl::make_unexpected(tenant.error());
    if (!*client && options_.identity == Identity::token) {
      return failure(Code::no_credentials, "the service account has no annotation " + std::string(annotation_keys[0]) +
                                               ", and settings.clientId is not set");
    }
    if (!*tenant) {
      return failure(Code::bad_request, "the service account has no annotation " + std::string(annotation_keys[1]) +
                                            ", and settings.tenantId is not set; set one of them");
    }
    return Client{**tenant, client->value_or("")};
  }

  // An access token for ACR.
  Result<Secret> access_token(regcred::Exchange exchange, regcred::HttpRequest request) const {
    const Result<nlohmann::json> answer = exchange.send(std::move(request));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.secret_in(*answer, "access_token");
  }

  Result<Secret> of_the_pod(const Request &request, const std::string &registry, const Client &client) const {
    const Result<regcred::PodToken> token = regcred::pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    const std::string authority = options_.authority_host.value_or(std::string(authority_of_registry(registry)));
    return access_token({host_,
                         *token,
                         {.name = "Entra",
                          .asked = client.words(),
                          .host_setting = "settings.authorityHost",
                          .refusals = entra_refusals()}},
                        entra_request(authority, client.tenant, client.id, *token));
  }

  Result<Secret> of_the_node(const Client &client) const {
    return access_token({host_,
                         {.name = "The metadata service",
                          .asked = client.words() + ", the node's managed identity",
                          .host_setting = "settings.identity",
                          .refusals = imds_refusals()}},
                        imds_request(client.id));
  }

  // `service` stays the image's host, whatever the endpoint. How long the refresh token lives, only its exp says.
  Result<Credentials> exchanged(const std::string &registry, const Client &client, const Secret &access) const {
    regcred::Exchange exchange(host_, {.name = "ACR",
                                       .asked = client.words() + ", registry " + shown(registry),
                                       .host_setting = "settings.exchangeEndpoint",
                                       .refusals = exchange_refusals()});
    const Result<nlohmann::json> answer = exchange.send(exchange_request(
        options_.exchange_endpoint.value_or("https://" + registry), registry, client.tenant, access.reveal()));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer, {.password = "refresh_token",
                                          .fixed_username = "00000000-0000-0000-0000-000000000000",
                                          .expires_in = "",
                                          .scope = regcred::Scope::registry});
  }

  regcred::Host host_;
  Options options_;
};

}  // namespace
}  // namespace acr

const regcred_backend_v1 *regcred_backend_entry_v1() { return regcred::backend_table<acr::Acr>(); }
