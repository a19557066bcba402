// SPDX-License-Identifier: Apache-2.0
#include "cluster/audit.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "cluster/token_need.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "config/drop_in_keys.hpp"
#include "match/pattern.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

// What holds for an image, whoever uses it.
struct ImageFacts {
  bool is_name = true;  // else the kubelet refuses it
  bool is_open = false;
  std::vector<const KubeletProvider *> providers;  // with a pattern that matches
  const RegistryEntry *entry = nullptr;            // the first that matches
};

// What becomes of one provider for one pod.
struct Call {
  bool made = false;
  bool token = false;
  std::map<std::string, std::string> annotations;
  std::string reason;  // why it is not made
};

Call call_of(const KubeletProvider &provider, const PodIdentity &who, const ServiceAccount *account) {
  if (!provider.sends_token) return {true, false, {}, {}};
  const std::string label = "provider " + in_quotes(provider.name.text);
  if (who.service_account.empty()) {
    if (!provider.require_service_account) return {true, false, {}, {}};
    return {false, false, {}, label + " is not called for pods without a service account"};
  }
  if (account == nullptr) return {false, false, {}, label + " is not called: the service account does not exist"};
  Call call{true, true, {}, {}};
  for (const std::string &key : provider.required_annotations) {
    if (account->annotations.contains(key)) continue;
    return {false, false, {}, label + " is not called: the service account lacks annotation " + in_quotes(key)};
  }
  for (const auto *keys : {&provider.required_annotations, &provider.optional_annotations}) {
    for (const std::string &key : *keys) {
      if (const auto found = account->annotations.find(key); found != account->annotations.end())
        call.annotations.insert(*found);
    }
  }
  return call;
}

class Auditor {
 public:
  Auditor(const Workloads &workloads, const AuditRules &rules) : workloads_(workloads), rules_(rules) {}

  std::vector<AuditRow> rows() {
    std::vector<AuditRow> rows;
    for (const auto &[who, images] : workloads_.uses) {
      const auto found = workloads_.accounts.find({who.name_space, who.service_account});
      const ServiceAccount *const account = found == workloads_.accounts.end() ? nullptr : &found->second;
      for (const auto &[image, use] : images) {
        rows.push_back(judged(facts_of(image), who, account));
        rows.back().image = image;
        rows.back().who = &who;
        rows.back().use = &use;
        rows.back().secrets_of_account = account != nullptr && account->pull_secrets == who.pull_secrets;
      }
    }
    const auto order = [](const AuditRow &row) {
      return std::tie(row.result, row.image, row.who->name_space, row.who->service_account);
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const AuditRow &a, const AuditRow &b) { return order(a) < order(b); });
    return rows;
  }

 private:
  static bool matches(const std::string &pattern, const ImageReference &image) {
    return match_pattern(pattern, image).matches();
  }

  const ImageFacts &facts_of(const std::string &name) {
    const auto [found, is_new] = images_.try_emplace(name);
    ImageFacts &facts = found->second;
    if (!is_new) return facts;
    const Result<ImageReference> image = parse_kubelet_image(name);
    facts.is_name = image.has_value();
    if (!image) return facts;
    const auto matches_image = [&](const std::string &pattern) { return matches(pattern, *image); };
    facts.is_open = std::any_of(rules_.open.begin(), rules_.open.end(), matches_image);
    for (const KubeletProvider &provider : rules_.providers) {
      const auto &patterns = provider.match_images;
      const bool is_asked = std::any_of(patterns.begin(), patterns.end(),
                                        [&](const PlacedText &pattern) { return matches(pattern.text, *image); });
      if (is_asked) facts.providers.push_back(&provider);
    }
    if (const Result<Route> route = choose_route(rules_.config, *image)) facts.entry = route->candidates.front();
    return facts;
  }

  // Under the name of drop-in mode regcred reads another configuration than this one.
  [[nodiscard]] bool runs_this(const KubeletProvider &provider) const {
    return runs_regcred(provider) && (rules_.drop_in || provider.name.text != drop_in_program_name);
  }

  // Why a call of regcred by `provider` gets no credentials from `entry`; empty when nothing stands against it.
  std::string objection(const KubeletProvider &provider, const RegistryEntry *entry, bool token) const {
    if (entry == nullptr) return "regcred is called, and no registry entry matches";
    const std::string label = "regcred is called, and entry " + in_quotes(entry->name);
    const SurveyedBackend *const backend = find_backend(rules_.backends, *entry);
    if (backend == nullptr) return label + " has a backend that cannot be used; see: regcred backends";
    const TokenUse use = token_use_of(*entry, *backend);
    if (use == TokenUse::never) return {};
    if (!token) return use == TokenUse::required ? label + " needs a token, which the call does not have" : "";
    if (!entry->audience.empty() && entry->audience != provider.audience.text) {
      return label + " takes tokens for " + in_quotes(entry->audience) + ", not for " +
             in_quotes(provider.audience.text);
    }
    if (passes_token_through(*entry, *backend) && provider.cache_type.text == "ServiceAccount") {
      return label + " answers with the pod's token, which the kubelet takes with cacheType Token only";
    }
    return {};
  }

  AuditRow judged(const ImageFacts &facts, const PodIdentity &who, const ServiceAccount *account) const {
    AuditRow row;
    std::optional<std::string> other;
    for (const KubeletProvider *provider : facts.providers) {
      Call call = call_of(*provider, who, account);
      const bool is_ours = runs_this(*provider);
      if (call.made && !is_ours) {
        if (!other) other = provider->name.text;
        continue;
      }
      std::string why = call.made ? objection(*provider, facts.entry, call.token) : std::move(call.reason);
      row.calls_regcred |= call.made;
      if (!why.empty()) {
        if (row.reason.empty() && is_ours) row.reason = std::move(why);
        continue;
      }
      row.provider = provider->name.text;
      row.entry = facts.entry;
      row.token = call.token;
      row.annotations = std::move(call.annotations);
      row.reason.clear();
      row.result = who.pull_secrets.empty() ? AuditResult::served : AuditResult::shadowed;
      return row;
    }
    if (row.reason.empty()) row.reason = why_not_called(facts);
    row.provider = other.value_or("");
    if (other) {
      row.result = AuditResult::other;
    } else if (facts.is_open) {
      row.result = AuditResult::open;
    } else if (!who.pull_secrets.empty() && facts.is_name) {
      row.result = AuditResult::secret;
    }
    return row;
  }

  static std::string why_not_called(const ImageFacts &facts) {
    if (!facts.is_name) return "this is not the name of an image: the kubelet refuses it";
    if (facts.entry == nullptr) return "no provider is called, and no registry entry matches";
    return "no provider that runs regcred has a pattern for it; entry " + in_quotes(facts.entry->name) +
           " would answer";
  }

  const Workloads &workloads_;
  const AuditRules &rules_;
  std::map<std::string, ImageFacts> images_;
};

}  // namespace

std::vector<AuditRow> audit_workloads(const Workloads &workloads, const AuditRules &rules) {
  return Auditor(workloads, rules).rows();
}

std::vector<KubeletProvider> planned_kubelet_providers(const ProviderPlan &plan) {
  std::vector<KubeletProvider> providers;
  for (const PlannedProvider &planned : plan.providers) {
    KubeletProvider provider;
    provider.name.text = planned.name;
    for (const PlannedPattern &pattern : planned.patterns) provider.match_images.push_back({pattern.pattern, {}});
    if (planned.token) {
      provider.sends_token = true;
      provider.audience.text = planned.token->audience;
      provider.cache_type.text = planned.token->cache_type == CacheType::token ? "Token" : "ServiceAccount";
      provider.require_service_account = planned.token->require_service_account;
      provider.optional_annotations = planned.token->annotation_keys;
    }
    providers.push_back(std::move(provider));
  }
  return providers;
}

std::set<std::string> annotation_keys_of(const std::vector<KubeletProvider> &providers) {
  std::set<std::string> keys;
  for (const KubeletProvider &provider : providers) {
    keys.insert(provider.required_annotations.begin(), provider.required_annotations.end());
    keys.insert(provider.optional_annotations.begin(), provider.optional_annotations.end());
  }
  return keys;
}

}  // namespace regcred::core
