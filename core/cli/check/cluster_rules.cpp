#include "cli/check/cluster_rules.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "kubelet/provider_plan.hpp"
#include "kubelet/token_need.hpp"
#include "match/pattern.hpp"
#include "match/pattern_relation.hpp"

namespace regcred::core {
namespace {

std::string quoted(const std::string &text) { return '`' + printable(text, 120) + '`'; }

bool overlap(const std::vector<std::string> &ours, const PlacedText &theirs) {
  return std::any_of(ours.begin(), ours.end(),
                     [&](const std::string &pattern) { return patterns_overlap(pattern, theirs.text); });
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
          "the kubelet never asks for images of " + quoted(patterns[p]) +
              (near == nullptr ? std::string() : ": its " + quoted(near->text) + " has another port"),
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
          "some images of " + quoted(theirs.text) + " are answered by no registry entry, and " + fails,
          "make the pattern narrower, or add an entry for the rest");
    } else {
      add(Severity::error, "image-not-answered", theirs.where,
          "no registry entry answers images of " + quoted(theirs.text) +
              (near == nullptr ? std::string() : ": " + quoted(*near) + " has another port") + ", and " + fails,
          near == nullptr ? "add an entry for it, or remove the pattern" : "write the same port on both sides");
    }
  }

  void pair(const KubeletProvider &provider, const RegistryEntry &entry) {
    const SurveyedBackend *const backend = find_backend(backends_, entry);
    if (backend == nullptr) return;  // said by check_backends
    const TokenUse use = token_use_of(entry, *backend);
    if (use == TokenUse::never) return;
    if (!provider.sends_token) {
      if (use == TokenUse::required) {
        add(Severity::error, "token-not-sent", provider.token_where,
            "the provider " + quoted(provider.name.text) + " sends no token, and entry " + quoted(entry.name) +
                " needs one",
            "add tokenAttributes; `regcred generate kubelet-config` writes them");
      }
      return;
    }
    if (!entry.audience.empty() && !provider.audience.text.empty() && entry.audience != provider.audience.text) {
      add(Severity::error, "audience-differs", provider.audience.where,
          "tokens are made for " + quoted(provider.audience.text) + ", and entry " + quoted(entry.name) + " (" +
              entry.origin + ") takes those for " + quoted(entry.audience) + " only",
          "write the same audience in both files; two audiences need two providers");
    }
    if (passes_token_through(entry, *backend) && provider.cache_type.text == "ServiceAccount") {
      add(Severity::error, "cache-type-token", provider.cache_type.where,
          "entry " + quoted(entry.name) + " gives the pod's own token as the password, which the kubelet refuses",
          "write cacheType: Token");
    }
    annotations(provider, entry, annotation_keys_of(entry, *backend));
  }

  void annotations(const KubeletProvider &provider, const RegistryEntry &entry, const std::vector<std::string> &keys) {
    std::string missing;
    for (const std::string &key : keys) {
      const auto sent = [&](const std::vector<std::string> &list) {
        return std::find(list.begin(), list.end(), key) != list.end();
      };
      if (sent(provider.required_annotations) || sent(provider.optional_annotations)) continue;
      missing += (missing.empty() ? "" : ", ") + quoted(key);
    }
    if (missing.empty()) return;
    add(Severity::note, "annotation-not-sent", provider.token_where,
        "the provider " + quoted(provider.name.text) + " does not pass on " + missing + ", which entry " +
            quoted(entry.name) + " reads",
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
        "the provider " + quoted(provider.name.text) + " sends pods' tokens, and no entry takes them",
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
    if (runs_regcred(provider)) providers.push_back(&provider);
  }
  if (providers.empty()) {
    const std::string where = kubelet.files.empty() ? std::string() : kubelet.files.front();
    return {{Severity::error, "no-regcred-provider", where,
             "no provider is called regcred or regcred-..., so the kubelet does not start it",
             "add what `regcred generate kubelet-config` writes"}};
  }
  return ClusterRules(inspection, backends, std::move(providers)).findings();
}

}  // namespace regcred::core
