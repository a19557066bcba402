// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

namespace acr {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::HostPattern;
using regcred::Identity;
using regcred::Result;

// 8-4-4-4-12 hexadecimal digits.
bool is_guid(std::string_view text) {
  constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool hex = std::string_view("0123456789abcdefABCDEF").find(text[i]) != std::string_view::npos;
    if (form[i] == '-' ? text[i] != '-' : !hex) return false;
  }
  return true;
}

// A tenant is also known by each of its domains.
bool is_tenant(std::string_view text) {
  if (is_guid(text)) return true;
  return text.find('.') != std::string_view::npos && text.find(':') == std::string_view::npos &&
         regcred::host_and_port(text).has_value();
}

struct Kind {
  bool (*is)(std::string_view);
  std::string_view cure;
};
constexpr Kind tenants = {&is_tenant, "is not a tenant; write its id, or one of its domains like acme.onmicrosoft.com"};
constexpr Kind clients = {&is_guid, "is not a client id; copy it: 8-4-4-4-12 hexadecimal digits"};

// The ids of a setting, in lower case.
Result<void> accept(std::string_view key, const Kind &kind, std::string &id) {
  if (!kind.is(id)) {
    return failure(Code::bad_config,
                   "settings." + std::string(key) + ": " + regcred::shown(id) + ' ' + std::string(kind.cure));
  }
  id = regcred::lower_case(id);
  return {};
}

Result<std::optional<std::string>> read_id(regcred::Settings &settings, std::string_view key, const Kind &kind) {
  std::optional<std::string> id = settings.text(key);
  if (!id) return id;
  if (const Result<void> good = accept(key, kind, *id); !good) return tl::make_unexpected(good.error());
  return id;
}

Result<std::vector<std::string>> read_ids(regcred::Settings &settings, std::string_view key, const Kind &kind) {
  constexpr std::size_t ids_max = 1024;
  std::vector<std::string> ids = settings.texts(key);
  for (std::string &id : ids) {
    if (const Result<void> good = accept(key, kind, id); !good) return tl::make_unexpected(good.error());
  }
  if (ids.size() > ids_max) {
    return failure(Code::bad_config, "settings." + std::string(key) + ": more than 1024 ids");
  }
  return ids;
}

}  // namespace

Result<Options> read_options(regcred::Settings &settings) {
  const Result<Identity> identity = regcred::read_identity(settings);
  Result<std::optional<std::string>> tenant = read_id(settings, "tenantId", tenants);
  Result<std::vector<std::string>> allowed_tenants = read_ids(settings, "allowedTenantIds", tenants);
  Result<std::optional<std::string>> client = read_id(settings, "clientId", clients);
  Result<std::vector<std::string>> allowed_clients = read_ids(settings, "allowedClientIds", clients);
  Result<std::optional<std::string>> authority = regcred::read_host(settings, "authorityHost");
  Result<std::optional<std::string>> exchange = regcred::read_base_url(settings, "exchangeEndpoint");
  Result<std::vector<HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");

  if (!identity) return tl::make_unexpected(identity.error());
  for (auto *text : {&tenant, &client, &authority, &exchange}) {
    if (!*text) return tl::make_unexpected(std::move(text->error()));
  }
  for (auto *list : {&allowed_tenants, &allowed_clients}) {
    if (!*list) return tl::make_unexpected(std::move(list->error()));
  }
  if (!registries) return tl::make_unexpected(std::move(registries.error()));
  if (*identity == Identity::node && *authority) {
    return failure(Code::bad_config,
                   "settings.authorityHost: has no effect with identity: node, whose token the node's metadata service "
                   "gives; remove it, or identity: node");
  }
  if (*identity == Identity::node && !*tenant && allowed_tenants->empty()) {
    return failure(Code::bad_config,
                   "settings.tenantId: is missing; write the tenant of the registry, its id or one of its domains, or "
                   "allowedTenantIds for those that service accounts choose");
  }
  return Options{.identity = *identity,
                 .tenant_id = std::move(*tenant),
                 .allowed_tenant_ids = std::move(*allowed_tenants),
                 .client_id = std::move(*client),
                 .allowed_client_ids = std::move(*allowed_clients),
                 .authority_host = std::move(*authority),
                 .exchange_endpoint = std::move(*exchange),
                 .registries = std::move(*registries)};
}

}  // namespace acr
