// SPDX-License-Identifier: Apache-2.0
#include "cluster/explain.hpp"

#include "cluster/kubernetes_version.hpp"
#include "common/image_reference.hpp"
#include "common/join.hpp"
#include "common/text.hpp"
#include "match/pattern.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

ProviderReport report_of(const KubeletProvider &provider, const ImageReference &image) {
  ProviderReport report{&provider, false, runs_regcred(provider), {}, "has no pattern"};
  for (const PlacedText &pattern : provider.match_images) {
    const MatchResult result = match_pattern(pattern.text, image);
    if (result.matches()) {
      report.is_called = true;
      report.pattern = pattern.text;
      report.reason = "matches " + printable(pattern.text, 200);
      return report;
    }
    if (&pattern == &provider.match_images.front()) {
      report.reason = printable(pattern.text, 200) + ": " + describe_match(result, pattern.text, image);
      const std::size_t others = provider.match_images.size() - 1;
      if (others > 0) report.reason += " (nor " + std::to_string(others) + " more)";
    }
  }
  return report;
}

std::string listed(const std::vector<std::string> &keys) {
  return joined(keys, [](const std::string &key) { return printable(key, 100); });
}

// What a call of the provider brings along, as rows.
void add_call(const KubeletProvider &provider, std::vector<std::vector<std::string>> &rows) {
  if (!provider.sends_token) {
    rows.push_back({"  token", "none"});
    return;
  }
  rows.push_back({"  token", "for " + printable(provider.audience.text, 200) + ", kept by " +
                                 (provider.cache_type.text.empty() ? "ServiceAccount" : provider.cache_type.text)});
  rows.push_back({"  pods", provider.require_service_account ? "with a service account only"
                                                             : "all; those without a service account without a token"});
  if (!provider.required_annotations.empty()) {
    rows.push_back({"  and only with", listed(provider.required_annotations)});
  }
  rows.push_back(
      {"  annotations", provider.optional_annotations.empty() ? "none" : listed(provider.optional_annotations)});
}

}  // namespace

Result<ProviderConfig> load_provider_config(const std::string &path, const std::optional<std::string> &version_text,
                                            const Invocation &invocation) {
  const Result<KubernetesVersion> version =
      version_text ? parse_kubernetes_version(*version_text) : newest_known_kubernetes;
  if (!version) return tl::make_unexpected(version.error());
  std::vector<Finding> findings;
  ProviderConfig config = read_provider_config(path, *version, findings, invocation);
  const Finding *const error = first_refusal(findings);
  if (error == nullptr) return config;
  const std::string check = "check --kubelet-config " + shell_word(path) +
                            (version_text ? " --kubernetes-version " + to_text(*version) : std::string());
  return fail(ErrorCode::config, error->where, error->what,
              error->cure + "; every finding: " + advised_command(invocation, check));
}

Result<KubeletReport> explain_kubelet(const std::string &path, const std::string &image,
                                      const std::optional<std::string> &version, const Invocation &invocation) {
  Result<ProviderConfig> config = load_provider_config(path, version, invocation);
  if (!config) return tl::make_unexpected(std::move(config.error()));
  KubeletReport report{path, std::move(*config), {}, false};
  const ImageReference reference{std::string(image)};
  for (const KubeletProvider &provider : report.config.providers) {
    report.providers.push_back(report_of(provider, reference));
    report.calls_regcred |= report.providers.back().is_called && report.providers.back().runs_regcred;
  }
  return report;
}

std::vector<std::vector<std::string>> kubelet_rows(const KubeletReport &report) {
  std::vector<std::vector<std::string>> rows;
  for (const ProviderReport &item : report.providers) {
    rows.push_back(
        {printable(item.provider->name.text, 100), std::string(item.is_called ? "called: " : "not called: ") +
                                                       item.reason + (item.runs_regcred ? "" : " (another program)")});
    if (item.is_called) add_call(*item.provider, rows);
  }
  return rows;
}

Json kubelet_as_json(const KubeletReport &report) {
  Json providers = Json::array();
  for (const ProviderReport &item : report.providers) {
    const KubeletProvider &provider = *item.provider;
    providers.push_back({{"name", provider.name.text},
                         {"called", item.is_called},
                         {"runsRegcred", item.runs_regcred},
                         {"reason", item.reason},
                         {"audience", provider.sends_token ? Json(provider.audience.text) : Json()},
                         {"cacheType", provider.sends_token ? Json(provider.cache_type.text) : Json()},
                         {"requireServiceAccount", provider.require_service_account},
                         {"requiredAnnotations", provider.required_annotations},
                         {"optionalAnnotations", provider.optional_annotations}});
  }
  return {{"config", report.path}, {"callsRegcred", report.calls_regcred}, {"providers", std::move(providers)}};
}

}  // namespace regcred::core
