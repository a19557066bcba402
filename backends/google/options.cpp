// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

namespace google {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::HostPattern;
using regcred::Identity;
using regcred::Result;
using regcred::shown;

constexpr std::string_view digits = "0123456789";
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-.";
constexpr std::string_view namespace_start = "identitynamespace:";

bool made_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// Takes `literal` off the front.
bool skip(std::string_view &rest, std::string_view literal) {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

// Takes all before the next `end` off the front.
std::string_view before(std::string_view &rest, char end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(part.size());
  return part;
}

struct Pool {
  std::string_view host;
  std::string_view project;
  std::string_view pool;
  std::string_view provider;
};

// //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER; other universes
// have their own domain. The project is not judged here.
std::optional<Pool> read_pool(std::string_view rest) {
  Pool read;
  if (!skip(rest, "//iam.")) return std::nullopt;
  read.host = before(rest, '/');
  if (!skip(rest, "/projects/")) return std::nullopt;
  read.project = before(rest, '/');
  if (!skip(rest, "/locations/global/workloadIdentityPools/")) return std::nullopt;
  read.pool = before(rest, '/');
  if (!skip(rest, "/providers/")) return std::nullopt;
  read.provider = rest;
  const bool named = made_of(read.host, name_characters) && made_of(read.pool, name_characters) &&
                     made_of(read.provider, name_characters.substr(0, name_characters.size() - 1));
  return named ? std::optional(read) : std::nullopt;
}

// identitynamespace:PROJECT.svc.id.goog:https://..., where the project of an organisation's domain has a colon.
bool is_identity_namespace(std::string_view rest) {
  constexpr std::string_view url_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:%";
  if (!skip(rest, namespace_start)) return false;
  const std::size_t url = rest.find(":https://");
  if (url == std::string_view::npos) return false;
  std::string project(rest.substr(0, url));
  for (char &c : project) c = c == ':' ? '.' : c;
  return made_of(project, name_characters) && rest.size() > url + 9 && made_of(rest.substr(url + 9), url_characters);
}

Result<void> check_audience(std::string_view text) {
  constexpr std::size_t audience_bytes_max = 512;
  const std::optional<Pool> pool = read_pool(text);
  if (pool && !made_of(pool->project, digits)) {
    return failure(Code::bad_config, "settings.audience: " + shown(pool->project) +
                                         " is not a project number; Google refuses the project's id here: see `gcloud "
                                         "projects describe PROJECT --format='value(projectNumber)'`");
  }
  if ((pool || is_identity_namespace(text)) && text.size() <= audience_bytes_max) return {};
  return failure(Code::bad_config,
                 "settings.audience: " + shown(text, 120) +
                     " is not what Google's STS takes; write //iam.googleapis.com/projects/NUMBER/locations/global/"
                     "workloadIdentityPools/POOL/providers/PROVIDER, or for GKE "
                     "identitynamespace:PROJECT.svc.id.goog:https://container.googleapis.com/v1/projects/PROJECT/"
                     "locations/LOCATION/clusters/CLUSTER");
}

// NAME@DOMAIN: it becomes part of a URL's path.
bool is_account(std::string_view text) {
  constexpr std::size_t account_bytes_max = 254;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > account_bytes_max) return false;
  const std::string_view name = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  return made_of(name, name_characters) && made_of(domain, name_characters) &&
         made_of(name.substr(0, 1), "abcdefghijklmnopqrstuvwxyz0123456789") &&
         domain.find('.') != std::string_view::npos && regcred::host_and_port(domain).has_value();
}

Result<void> check_account(std::string_view key, std::string_view text) {
  if (is_account(text)) return {};
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + shown(text) +
                                       " is not the email address of a Google service account; copy it: "
                                       "NAME@PROJECT.iam.gserviceaccount.com");
}

Result<void> check_identity(const Options &options, const regcred::Settings &settings) {
  if (options.identity == Identity::token) {
    if (!options.audience.empty()) return check_audience(options.audience);
    return failure(
        Code::bad_config,
        "settings.audience: is missing; write the full name of the workload identity pool's provider, "
        "//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER");
  }
  for (const char *key : {"audience", "stsEndpoint"}) {
    if (!settings.has(key)) continue;
    return failure(Code::bad_config, "settings." + std::string(key) +
                                         ": has no effect with identity: node, which sends no token of a pod; remove "
                                         "it, or identity: node");
  }
  return {};
}

}  // namespace

regcred::ExpectedAudiences token_audiences(std::string_view audience) {
  if (read_pool(audience)) {
    return {{"https:" + std::string(audience), std::string(audience)}, "the provider's allowed audiences"};
  }
  if (!skip(audience, namespace_start)) return {};
  return {{std::string(audience.substr(0, audience.find(":https://")))}};
}

std::string audience_words(std::string_view audience) {
  if (const std::optional<Pool> pool = read_pool(audience)) {
    return "project " + shown(pool->project) + ", pool " + shown(pool->pool) + ", provider " + shown(pool->provider);
  }
  skip(audience, namespace_start);
  return "identity namespace " + shown(audience.substr(0, audience.find(":https://")));
}

Result<Options> read_options(regcred::Settings &settings) {
  constexpr std::size_t accounts_max = 1024;
  Options options;
  const Result<Identity> identity = regcred::read_identity(settings);
  options.audience = settings.text("audience").value_or("");
  options.service_account = settings.text("serviceAccount");
  options.allowed_service_accounts = settings.texts("allowedServiceAccounts");
  const Result<std::optional<std::string>> sts = regcred::read_base_url(settings, "stsEndpoint");
  const Result<std::optional<std::string>> iam = regcred::read_base_url(settings, "iamEndpoint");
  Result<std::vector<HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");

  if (!identity) return tl::make_unexpected(identity.error());
  options.identity = *identity;
  if (const Result<void> fits = check_identity(options, settings); !fits) return tl::make_unexpected(fits.error());
  if (options.service_account) {
    const Result<void> good = check_account("serviceAccount", *options.service_account);
    if (!good) return tl::make_unexpected(good.error());
  }
  for (const std::string &account : options.allowed_service_accounts) {
    const Result<void> good = check_account("allowedServiceAccounts", account);
    if (!good) return tl::make_unexpected(good.error());
  }
  if (options.allowed_service_accounts.size() > accounts_max) {
    return failure(Code::bad_config, "settings.allowedServiceAccounts: more than 1024 service accounts");
  }
  for (const auto *endpoint : {&sts, &iam}) {
    if (!*endpoint) return tl::make_unexpected(endpoint->error());
  }
  if (!registries) return tl::make_unexpected(std::move(registries.error()));
  options.sts_endpoint = sts->value_or("https://sts.googleapis.com");
  options.iam_endpoint = iam->value_or("https://iamcredentials.googleapis.com");
  options.registries = std::move(*registries);
  return options;
}

}  // namespace google
