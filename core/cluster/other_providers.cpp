// SPDX-License-Identifier: Apache-2.0
#include "cluster/other_providers.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"
#include "match/pattern.hpp"
#include "match/pattern_relation.hpp"

namespace regcred::core {
namespace {

struct Vendor {
  std::string_view program;
  std::string_view name;
};

// The names under which vendors' images of nodes have their programs.
constexpr std::array<Vendor, 5> vendors = {{
    {"ecr-credential-provider", "Amazon ECR"},
    {"acr-credential-provider", "Azure ACR"},
    {"auth-provider-gcp", "Google Artifact Registry"},
    {"gcr-credential-provider", "Google Artifact Registry"},
    {"gcp-credential-provider", "Google Artifact Registry"},
}};

// AKS gives its provider pods' tokens for this audience, and addresses by --ib-...
constexpr std::string_view identity_bindings_audience = "api://AKSIdentityBinding";

// The pattern of `ours` that meets one of `theirs`; null when none does.
const PlacedText *meeting(const KubeletProvider &ours, const KubeletProvider &theirs, const PlacedText *&other) {
  for (const PlacedText &pattern : ours.match_images) {
    for (const PlacedText &foreign : theirs.match_images) {
      if (!validate_pattern(pattern.text) || !validate_pattern(foreign.text)) continue;
      if (!patterns_overlap(pattern.text, foreign.text)) continue;
      other = &foreign;
      return &pattern;
    }
  }
  return nullptr;
}

}  // namespace

std::string_view vendor_of(const KubeletProvider &provider) {
  if (provider.is_regcred.value_or(false)) return {};
  const auto known = std::find_if(vendors.begin(), vendors.end(),
                                  [&](const Vendor &vendor) { return vendor.program == provider.name.text; });
  if (known == vendors.end()) return {};
  const bool is_bound = provider.audience.text == identity_bindings_audience ||
                        std::any_of(provider.arguments.begin(), provider.arguments.end(),
                                    [](const std::string &argument) { return argument.starts_with("--ib-"); });
  return known->name == "Azure ACR" && is_bound ? "Azure ACR with identity bindings" : known->name;
}

std::string provider_words(const KubeletProvider &provider) {
  const std::string_view vendor = vendor_of(provider);
  const std::string name = printable(provider.name.text, 100);
  if (!vendor.empty()) return name + " (" + std::string(vendor) + ')';
  return runs_regcred(provider) ? name : name + " (another program)";
}

std::vector<Finding> check_other_providers(const ProviderConfig &kubelet, KubernetesVersion version) {
  std::vector<Finding> findings;
  for (const KubeletProvider &ours : kubelet.providers) {
    if (!runs_regcred(ours)) continue;
    for (const KubeletProvider &theirs : kubelet.providers) {
      const PlacedText *foreign = nullptr;
      const PlacedText *const pattern = runs_regcred(theirs) ? nullptr : meeting(ours, theirs, foreign);
      if (pattern == nullptr) continue;
      const bool by_file = keeps_provider_order.contains(version);
      const bool we_are_first = by_file ? &ours < &theirs : ours.name.text < theirs.name.text;
      findings.push_back({Severity::note, "provider-overlap", pattern->where,
                          "for images of " + in_quotes(pattern->text) + " the kubelet asks " + provider_words(theirs) +
                              ", too (its " + in_quotes(foreign->text) +
                              "), and tries what both answer: for the same "
                              "registry that of " +
                              provider_words(we_are_first ? ours : theirs) + " first, " +
                              (by_file ? "which stands first" : "whose name comes first"),
                          "keep the patterns apart, unless both may answer"});
    }
  }
  return findings;
}

}  // namespace regcred::core
