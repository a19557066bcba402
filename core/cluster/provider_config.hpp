// SPDX-License-Identifier: Apache-2.0
// The kubelet's CredentialProviderConfig: its content, and what a kubelet of a version refuses in it.
//
// Sources: pkg/credentialprovider/plugin/config.go and staging/src/k8s.io/kubelet/config/v1/types.go of Kubernetes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/kubernetes_version.hpp"
#include "common/advice.hpp"
#include "common/finding.hpp"
#include "common/host_root.hpp"

namespace regcred::core {

// A text and the place where it stands, "FILE:LINE:COLUMN".
struct PlacedText {
  std::string text;
  std::string where;
};

// One item of `providers`. What could not be read is empty; a finding says why.
struct KubeletProvider {
  std::string where;
  PlacedText name;
  std::vector<PlacedText> match_images;
  std::vector<std::string> arguments;
  std::string arguments_where;                                   // of args, or else of the provider
  std::vector<std::pair<std::string, std::string>> environment;  // env: NAME and value
  std::optional<bool> is_regcred;                                // what its file says (node/provider_programs.hpp)
  bool sends_token = false;                                      // it has tokenAttributes
  std::string token_where;                                       // of tokenAttributes, or else of the provider
  PlacedText audience;
  PlacedText cache_type;
  bool require_service_account = false;
  std::vector<std::string> required_annotations;
  std::vector<std::string> optional_annotations;
};

struct ProviderConfig {
  std::vector<std::string> files;  // in the order in which the kubelet reads them
  std::vector<KubeletProvider> providers;
};

// Reads `path` (on the node whose file system is `root`): a file, or a directory by the kubelet's rules (its *.json,
// *.yaml and *.yml, in byte order). The file need not be trusted: it is only read. Everything that a kubelet of
// `version` refuses or ignores is added to `findings`, and everything that lint_pattern (match/) finds in its patterns.
// Rules:
//   kubelet-file             cannot be read, is not YAML, or has a field twice: error
//   kubelet-directory        a directory before 1.34, or one without a file: error; a file in it whose ending the
//                            kubelet does not take: warning
//   kubelet-api-version, kubelet-kind             missing or not supported: error
//   kubelet-field            an unknown or miswritten field, or one of another type: error (an unknown field
//                            before 1.32 is ignored: warning)
//   no-providers, provider-name, provider-name-repeated, provider-api-version, provider-match-images,
//   provider-cache-duration  what each provider must have: error
//   token-version            tokenAttributes before 1.33, or with an apiVersion other than v1: error; the gate that is
//                            off by default in 1.33: warning
//   token-audience, token-require-service-account: missing: error
//   cache-type-missing       on 1.34 and later: error
//   cache-type-unknown       on 1.33: error
//   cache-type               neither ServiceAccount nor Token: error
//   annotation-key           not a qualified name, twice in a list, or in both lists: error
//   annotation-required      required keys without requireServiceAccount: true: error
//   credential-helper        a docker-credential-* program, which speaks another protocol: warning
//   env-secret               a variable that looks like a secret, readable for all who can read the file: warning
[[nodiscard]] ProviderConfig read_provider_config(const std::string &path, KubernetesVersion version,
                                                  std::vector<Finding> &findings, const Invocation &invocation = {},
                                                  const HostRoot &root = HostRoot());

// A file of a CredentialProviderConfig that is not written yet.
struct ProviderText {
  std::string path;  // for messages
  std::string text;
};

// The same for texts, in the order in which the kubelet would read them.
[[nodiscard]] ProviderConfig read_provider_texts(std::vector<ProviderText> texts, KubernetesVersion version,
                                                 std::vector<Finding> &findings);

// The first of these findings of read_provider_config() for which the kubelet does not start; null when there is none.
// A pattern that matches nothing does not stop it.
[[nodiscard]] const Finding *first_refusal(const std::vector<Finding> &findings);

// Whether the kubelet starts regcred for this provider: by its file, where that is known, else by its name: `regcred`,
// `regcred-...`, and the name of drop-in mode.
[[nodiscard]] bool runs_regcred(const KubeletProvider &provider);

}  // namespace regcred::core
