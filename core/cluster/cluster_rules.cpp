// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster_rules.hpp"

#include <algorithm>

#include "cluster/provider_plan.hpp"
#include "cluster/token_need.hpp"
#include "common/contains.hpp"
#include "common/text.hpp"
#include "config/drop_in_keys.hpp"
#include "match/pattern_relation.hpp"

namespace regcred::core {
namespace {

bool overlap(const std::vector<std::string> &ours, const PlacedText &theirs) {
  return std::any_of(ours.begin(), ours.end(),
                     [&](const std::string &pattern) { return patterns_overlap(pattern, theirs.text); });
}

bool covered_by(const std::vector<PlacedText> &wide, const std::string &narrow) {
  return std::any_of(wide.begin(), wide.end(),
                     [&](const PlacedText &pattern) { return pattern_covers(pattern.text, narrow); });
}

class ClusterRules {
 public:
  ClusterRules(const Inspection &inspection, const std::vector<SurveyedBackend> &backends,
               std::vector<const KubeletProvider *> providers)
      : inspection_(inspection), backends_(backends), providers_(std::move(providers)) {}

  std::vector<Finding> findings() {
    for (std::size_t i = 0; i < entries().size(); ++i) not_asked(i);
    for (const KubeletProvider *provider : providers_) {
      for (const PlacedText &pattern : provider->match_images) not_answered(pattern);
      for (const RegistryEntry &entry : entries()) {
        if (reaches(*provider, entry)) pair(*provider, entry);
      }
      token_not_used(*provider);
    }
    return std::move(findings_);
  }

 private:
  const std::vector<RegistryEntry> &entries() const { return inspection_.config->registries; }

  void add(Severity severity, const char *rule, std::string where, std::string what, std::string cure) {
    findings_.push_back({severity, rule, std::move(where), std::move(what), std::move(cure)});
  }

  static bool reaches(const KubeletProvider &provider, const RegistryEntry &entry) {
    return std::any_of(provider.match_images.begin(), provider.match_images.end(),
                       [&](const PlacedText &pattern) { return overlap(entry.match_images, pattern); });
  }

  void not_asked(std::size_t i) {
    if (inspection_.sources.empty()) return;  // drop-in mode: nobody wrote these patterns
    const std::vector<std::string> &patterns = entries()[i].match_images;
    for (std::size_t p = 0; p < patterns.size(); ++p) {
      const PlacedText *near = nullptr;
      bool asked = false;
      for (const KubeletProvider *provider : providers_) {
        for (const PlacedText &theirs : provider->match_images) {
          asked |= patterns_overlap(patterns[p], theirs.text);
          if (only_ports_differ(patterns[p], theirs.text)) near = &theirs;
        }
      }
      if (asked) continue;
      add(Severity::warning, "image-not-asked", inspection_.sources[i].place_of("matchImages/" + std::to_string(p)),
          "the kubelet never asks for images of " + in_quotes(patterns[p]) +
              (near == nullptr ? std::string() : ": its " + in_quotes(near->text) + " has another port"),
          near == nullptr ? "add it to matchImages of the provider" : "write the same port on both sides");
    }
  }

  void not_answered(const PlacedText &theirs) {
    bool covered = false;
    bool reached = false;
    const std::string *near = nullptr;
    for (const RegistryEntry &entry : entries()) {
      for (const std::string &ours : entry.match_images) {
        covered |= pattern_covers(ours, theirs.text);
        reached |= patterns_overlap(ours, theirs.text);
        if (only_ports_differ(ours, theirs.text)) near = &ours;
      }
    }
    if (covered) return;
    const std::string fails = "each pull of one costs a call that fails with status 4";
    if (reached) {
      add(Severity::warning, "image-not-answered", theirs.where,
          "some images of " + in_quotes(theirs.text) + " are answered by no registry entry, and " + fails,
          "make the pattern narrower, or add an entry for the rest");
    } else {
      add(Severity::error, "image-not-answered", theirs.where,
          "no registry entry answers images of " + in_quotes(theirs.text) +
              (near == nullptr ? std::string() : ": " + in_quotes(*near) + " has another port") + ", and " + fails,
          near == nullptr ? "add an entry for it, or remove the pattern" : "write the same port on both sides");
    }
  }

  // Whether a call of `provider` brings the token that `entry` takes.
  static bool fits(const KubeletProvider &provider, const RegistryEntry &entry) {
    return provider.sends_token &&
           (entry.audience.empty() || provider.audience.text.empty() || entry.audience == provider.audience.text);
  }

  // Whether `covered` holds wherever patterns of the two meet: what covers one of two patterns covers all that they
  // have in common.
  template <class Covered>
  static bool wherever_they_meet(const KubeletProvider &provider, const RegistryEntry &entry, const Covered &covered) {
    for (const PlacedText &theirs : provider.match_images) {
      for (const std::string &ours : entry.match_images) {
        if (patterns_overlap(theirs.text, ours) && !covered(theirs.text) && !covered(ours)) return false;
      }
    }
    return true;
  }

  // Whether every image that leads from `provider` to `entry` leads there from a provider that fits, too.
  bool served_otherwise(const KubeletProvider &provider, const RegistryEntry &entry) const {
    return wherever_they_meet(provider, entry, [&](const std::string &pattern) {
      return std::any_of(providers_.begin(), providers_.end(), [&](const KubeletProvider *other) {
        return fits(*other, entry) && covered_by(other->match_images, pattern);
      });
    });
  }

  // Whether an entry before `entry` is asked first for every image that leads to it from `provider`.
  bool answered_before(const KubeletProvider &provider, const RegistryEntry &entry) const {
    return wherever_they_meet(provider, entry, [&](const std::string &pattern) {
      for (const RegistryEntry &earlier : entries()) {
        if (&earlier == &entry) return false;
        for (const std::string &wide : earlier.match_images) {
          if (pattern_covers(wide, pattern)) return true;
        }
      }
      return false;
    });
  }

  void pair(const KubeletProvider &provider, const RegistryEntry &entry) {
    const SurveyedBackend *const backend = find_backend(backends_, entry);
    if (backend == nullptr) return;  // reported by check_backends
    const TokenUse use = token_use_of(entry, *backend);
    if (use == TokenUse::never) return;
    if (!fits(provider, entry)) {
      if (provider.sends_token || use == TokenUse::required) wrong_token(provider, entry);
      return;
    }
    if (passes_token_through(entry, *backend) && provider.cache_type.text == "ServiceAccount") {
      add(Severity::error, "cache-type-token", provider.cache_type.where,
          "entry " + in_quotes(entry.name) + " gives the pod's own token as the password, which the kubelet refuses",
          "write cacheType: Token");
    }
    if (entry.cache_node == NodeCacheMode::service_account &&
        provider.cache_type.text == "Token") {  // guard: cache-type-node
      add(Severity::error, "cache-type-node", provider.cache_type.where,
          "cacheType Token keeps pods of one service account apart, and entry " + in_quotes(entry.name) + " (" +
              entry.origin + ") has cache.node: serviceAccount, with which they share an answer",
          "write cache.node: token, or cacheType: ServiceAccount");
    }
    annotations(provider, entry, annotation_keys_of(entry, *backend));
  }

  // A call of `provider` brings no token to `entry`, or one for somebody else.
  void wrong_token(const KubeletProvider &provider, const RegistryEntry &entry) {
    const bool otherwise = served_otherwise(provider, entry);
    if (otherwise && answered_before(provider, entry)) return;
    const Severity severity = otherwise ? Severity::warning : Severity::error;
    const std::string more = otherwise ? "; such a call fails, and the pull goes on with another provider's" : "";
    if (!provider.sends_token) {
      add(severity, "token-not-sent", provider.token_where,
          "the provider " + in_quotes(provider.name.text) + " sends no token, and entry " + in_quotes(entry.name) +
              " needs one" + more,
          otherwise ? "keep the patterns of the two apart"
                    : "add tokenAttributes, which need apiVersion: credentialprovider.kubelet.k8s.io/v1; `" +
                          advised_command(inspection_.config->invocation, "generate kubelet-config") + "` writes both");
      return;
    }
    add(severity, "audience-differs", provider.audience.where,
        "tokens are made for " + in_quotes(provider.audience.text) + ", and entry " + in_quotes(entry.name) + " (" +
            entry.origin + ") takes those for " + in_quotes(entry.audience) + " only" + more,
        otherwise ? "keep the patterns of the two apart"
                  : "write the same audience in both files; two audiences need two providers");
  }

  void annotations(const KubeletProvider &provider, const RegistryEntry &entry, const std::vector<std::string> &keys) {
    std::string missing;
    for (const std::string &key : keys) {
      const auto sent = [&](const std::vector<std::string> &list) { return contains(list, key); };
      if (sent(provider.required_annotations) || sent(provider.optional_annotations)) continue;
      missing += (missing.empty() ? "" : ", ") + in_quotes(key);
    }
    if (missing.empty()) return;
    add(Severity::note, "annotation-not-sent", provider.token_where,
        "the provider " + in_quotes(provider.name.text) + " does not pass on " + missing + ", which entry " +
            in_quotes(entry.name) + " reads",
        "add what service accounts may use to optionalServiceAccountAnnotationKeys");
  }

  void token_not_used(const KubeletProvider &provider) {
    if (!provider.sends_token) return;
    bool reached = false;
    for (const RegistryEntry &entry : entries()) {
      const SurveyedBackend *const backend = find_backend(backends_, entry);
      if (!reaches(provider, entry)) continue;
      if (backend == nullptr || token_use_of(entry, *backend) != TokenUse::never) return;
      reached = true;
    }
    if (!reached) return;
    add(Severity::warning, "token-not-used", provider.token_where,
        "the provider " + in_quotes(provider.name.text) + " sends pods' tokens, and no entry takes them",
        "remove tokenAttributes: what is not sent cannot leak, and answers are shared by all pods");
  }

  const Inspection &inspection_;
  const std::vector<SurveyedBackend> &backends_;
  std::vector<const KubeletProvider *> providers_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_cluster(const Inspection &inspection, const std::vector<SurveyedBackend> &backends,
                                   const ProviderConfig &kubelet) {
  std::vector<const KubeletProvider *> providers;
  for (const KubeletProvider &provider : kubelet.providers) {
    // Under the name of drop-in mode regcred reads another configuration than this one.
    const bool reads_this = inspection.sources.empty() || provider.name.text != drop_in_program_name;
    if (runs_regcred(provider) && reads_this) providers.push_back(&provider);
  }
  if (providers.empty()) {
    const std::string where = kubelet.files.empty() ? std::string() : kubelet.files.front();
    return {{Severity::error, "no-regcred-provider", where,
             "no provider is called regcred or regcred-..., so the kubelet does not start it",
             "add what `" + advised_command(inspection.config->invocation, "generate kubelet-config") + "` writes"}};
  }
  return ClusterRules(inspection, backends, std::move(providers)).findings();
}

}  // namespace regcred::core
