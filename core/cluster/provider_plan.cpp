// SPDX-License-Identifier: Apache-2.0
#include "cluster/provider_plan.hpp"

#include <algorithm>

#include "cluster/token_need.hpp"
#include "common/ascii.hpp"
#include "common/contains.hpp"
#include "common/kubernetes_names.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t slug_bytes_max = 40;

template <class T>
void add_once(std::vector<T> &list, const T &value) {
  if (!contains(list, value)) list.push_back(value);
}

std::string entry_name(const RegistryEntry &entry) { return "registry \"" + entry.name + "\""; }

// What one entry needs, with that audience; nothing for no token.
Result<std::optional<PlannedToken>> token_of(const RegistryEntry &entry, const std::string &audience,
                                             const Config &config, const std::vector<SurveyedBackend> &backends,
                                             KubernetesVersion version) {
  const SurveyedBackend *const backend = find_backend(backends, entry);
  if (backend == nullptr) {
    return fail(ErrorCode::backend_load, entry_name(entry),
                "its backend " + entry.backend + " cannot be asked whether it needs a token",
                "see why with `" + advised_command(config.invocation, "backends") + "`");
  }
  const TokenUse use = token_use_of(entry, *backend);
  if (use == TokenUse::never) return std::nullopt;
  const bool possible = token_attributes.contains(version) && !audience.empty();
  if (!possible && use == TokenUse::optional) return std::nullopt;
  if (!token_attributes.contains(version)) {
    return fail(ErrorCode::config, entry_name(entry),
                "it needs a service account token, and the kubelet sends none in " +
                    to_text(KubernetesVersions{oldest_known_kubernetes, {token_attributes.first.minor - 1}}),
                "update the nodes, or use a backend that needs no token, like static");
  }
  if (audience.empty()) {
    return fail(ErrorCode::config, entry_name(entry),
                "it needs a service account token, and its `audience` is missing, so the kubelet cannot ask for one",
                "set `audience` at " + entry.origin);
  }
  PlannedToken token;
  token.audience = audience;
  token.cache_type = passes_token_through(entry, *backend) ? CacheType::token : CacheType::service_account;
  token.require_service_account = use == TokenUse::required;
  for (const std::string &key : annotation_keys_of(entry, *backend)) {
    if (is_annotation_key(key)) add_once(token.annotation_keys, key);  // another one would stop the kubelet
  }
  return token;
}

// Whether an optional token is not sent, only because nothing says for whom it would be.
bool lacks_audience(const RegistryEntry &entry, const std::vector<SurveyedBackend> &backends,
                    KubernetesVersion version) {
  const SurveyedBackend *const backend = find_backend(backends, entry);
  return backend != nullptr && token_use_of(entry, *backend) == TokenUse::optional &&
         token_attributes.contains(version) && entry.audience.empty();
}

bool same_need(const std::optional<PlannedToken> &a, const std::optional<PlannedToken> &b) {
  if (!a || !b) return !a && !b;
  return a->audience == b->audience && a->cache_type == b->cache_type &&
         a->require_service_account == b->require_service_account;
}

// "api://AzureADTokenExchange" -> "azureadtokenexchange", "https://issuer.enforce.dev" -> "issuer-enforce-dev".
std::string slug_of(std::string_view audience) {
  if (const std::size_t scheme = audience.find("://"); scheme != std::string_view::npos) {
    audience.remove_prefix(scheme + 3);
  }
  std::string slug;
  for (const char c : audience.substr(0, slug_bytes_max)) {
    if (is_alnum(c)) {
      slug += to_lower(c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug.empty() ? "audience" : slug;
}

void name_providers(std::vector<PlannedProvider> &providers, std::string_view program_name) {
  std::vector<std::string> taken;
  const std::string first(program_name == drop_in_program_name ? program_name : "regcred");
  for (PlannedProvider &provider : providers) {
    const std::string base =
        taken.empty() ? first : "regcred-" + (provider.token ? slug_of(provider.token->audience) : "no-token");
    provider.name = base;
    for (int number = 2; contains(taken, provider.name); ++number) {
      provider.name = base + '-' + std::to_string(number);
    }
    taken.push_back(provider.name);
  }
}

void add_entry(PlannedProvider &provider, const RegistryEntry &entry, const std::optional<PlannedToken> &token) {
  provider.entries.push_back(&entry);
  for (const std::string &pattern : entry.match_images) {
    const auto known = [&](const PlannedPattern &item) { return item.pattern == pattern; };
    if (std::none_of(provider.patterns.begin(), provider.patterns.end(), known)) {
      provider.patterns.push_back({pattern, &entry});
    }
  }
  if (!token) return;
  for (const std::string &key : token->annotation_keys) add_once(provider.token->annotation_keys, key);
}

}  // namespace

const SurveyedBackend *find_backend(const std::vector<SurveyedBackend> &backends, const RegistryEntry &entry) {
  const auto found = std::find_if(backends.begin(), backends.end(),
                                  [&](const SurveyedBackend &backend) { return backend.name == entry.backend; });
  return found == backends.end() || found->error ? nullptr : &*found;
}

ProviderPlan plan_providers(const Config &config, const std::vector<SurveyedBackend> &backends,
                            KubernetesVersion version, std::string_view program_name,
                            const std::vector<std::string> &expected) {
  ProviderPlan plan;
  for (std::size_t i = 0; i < config.registries.size(); ++i) {
    const RegistryEntry &entry = config.registries[i];
    const bool assumed = entry.audience.empty() && i < expected.size() && !expected[i].empty();
    const auto token = token_of(entry, assumed ? expected[i] : entry.audience, config, backends, version);
    if (!token) {
      plan.left_out.push_back({&entry, token.error()});
      continue;
    }
    if (assumed && *token) plan.assumed.push_back({&entry, expected[i]});
    if (!assumed && lacks_audience(entry, backends, version)) plan.without_audience.push_back(&entry);
    const auto serves = [&](const PlannedProvider &provider) { return same_need(provider.token, *token); };
    auto provider = std::find_if(plan.providers.begin(), plan.providers.end(), serves);
    if (provider == plan.providers.end()) {
      plan.providers.push_back({{}, {}, {}, *token});
      provider = std::prev(plan.providers.end());
    }
    add_entry(*provider, entry, *token);
  }
  name_providers(plan.providers, program_name);
  return plan;
}

std::optional<Error> left_out_error(const ProviderPlan &plan) {
  if (plan.left_out.empty()) return std::nullopt;
  const Error &first = plan.left_out.front().reason;
  if (plan.left_out.size() == 1) return first;
  std::string names;
  for (const LeftOutEntry &item : plan.left_out) names += (names.empty() ? "" : ", ") + item.entry->name;
  return Error{first.code, first.where, first.what + " (so, or for another reason, left out: " + names + ")",
               first.cure};
}

}  // namespace regcred::core
