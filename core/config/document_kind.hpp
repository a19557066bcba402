// SPDX-License-Identifier: Apache-2.0
// Recognises a YAML document of another kind than expected.
#pragma once

#include <optional>
#include <string>

#include "config/yaml_tree.hpp"

namespace regcred::core {

enum class DocumentKind {
  regcred_config,     // regcred/v1
  provider_config,    // the kubelet's CredentialProviderConfig
  replaced_provider,  // a file of cloudsmith-kubernetes-credential-provider
  kubelet_config,     // KubeletConfiguration
  talos,              // a document of Talos' machine configuration
  kubernetes,         // another object of Kubernetes
};

struct MistakenDocument {
  std::string what;  // "the file is regcred's own configuration, expected ..."
  std::string cure;  // where it belongs, or which file is meant; never to change it into the other kind
};

// Whether `root`, the document of the file at `path`, is clearly of another kind than `expected`, which is one of the
// first three. A document that only has a slip in its apiVersion or kind is not.
[[nodiscard]] std::optional<MistakenDocument> mistaken_document(const YamlNode &root, const std::string &path,
                                                                DocumentKind expected);

}  // namespace regcred::core
