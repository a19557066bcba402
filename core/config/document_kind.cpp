// SPDX-License-Identifier: Apache-2.0
#include "config/document_kind.hpp"

#include <string_view>

#include "common/advice.hpp"
#include "common/ascii.hpp"
#include "common/text.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view kubelet_group = "kubelet.config.k8s.io/";

std::string_view text_of(const YamlNode &root, std::string_view key) {
  const YamlNode *const node = root.find(key);
  return node != nullptr && node->kind == YamlNode::Kind::scalar ? std::string_view(node->text) : std::string_view();
}

bool has_drop_in_key(const YamlNode &root) {
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    if (is_drop_in_key(to_lower(root.items[i].text))) return true;
  }
  return false;
}

std::optional<DocumentKind> kind_of(const YamlNode &root) {
  if (root.kind != YamlNode::Kind::mapping) return std::nullopt;
  const std::string_view version = text_of(root, "apiVersion");
  const std::string_view kind = text_of(root, "kind");
  if (version.starts_with("regcred/")) return DocumentKind::regcred_config;
  if (kind == "CredentialProviderConfig") return DocumentKind::provider_config;
  if (kind == "KubeletConfiguration") return DocumentKind::kubelet_config;
  if (version.starts_with(kubelet_group)) return DocumentKind::provider_config;
  if ((version == "v1alpha1" && !kind.empty()) || (version.empty() && root.find("machine") != nullptr)) {
    return DocumentKind::talos;
  }
  if (version.empty()) {
    return has_drop_in_key(root) ? std::optional(DocumentKind::replaced_provider) : std::nullopt;
  }
  const bool is_kubernetes = version == "v1" || version.find("/v") != std::string_view::npos;
  return is_kubernetes && !kind.empty() ? std::optional(DocumentKind::kubernetes) : std::nullopt;
}

std::string name_of(DocumentKind kind, const YamlNode &root) {
  switch (kind) {
    case DocumentKind::regcred_config:
      return "regcred's own configuration";
    case DocumentKind::provider_config:
      return "the kubelet's CredentialProviderConfig";
    case DocumentKind::replaced_provider:
      return "a configuration of " + std::string(drop_in_program_name);
    case DocumentKind::kubelet_config:
      return "the kubelet's KubeletConfiguration";
    case DocumentKind::talos:
      return "a document of Talos (kind " + in_quotes(text_of(root, "kind")) + ")";
    case DocumentKind::kubernetes:
      return "a Kubernetes object of kind " + in_quotes(text_of(root, "kind"));
  }
  return "";
}

std::string cure_of(DocumentKind found, DocumentKind expected, const std::string &path) {
  const bool for_kubelet = expected == DocumentKind::provider_config;
  const std::string leave = "leave this file as it is, and ";
  const std::string own = "name regcred's own with --config";
  const std::string kubelets = "name the file of the kubelet's --image-credential-provider-config";
  switch (found) {
    case DocumentKind::regcred_config:
      return leave + (for_kubelet
                          ? "name the kubelet's own; `regcred --config " + path + " generate kubelet-config` writes it"
                          : "read it by the name regcred: regcred --config " + path + " check");
    case DocumentKind::provider_config:
      return leave + own + "; to judge this one: " + advised_command({}, "check --kubelet-config " + shell_word(path));
    case DocumentKind::kubelet_config:
      return leave + (for_kubelet ? kubelets : own);
    case DocumentKind::replaced_provider:
      return leave + (for_kubelet ? kubelets
                                  : "start regcred by a link called " + std::string(drop_in_program_name) +
                                        ", or write a file of apiVersion regcred/v1 (`settings` takes orgSlug and "
                                        "serviceSlug)");
    case DocumentKind::talos:
      return leave + (for_kubelet ? "apply it with talosctl: Talos makes the kubelet's file from it. To judge it, copy "
                                    "`providers` into a file of apiVersion kubelet.config.k8s.io/v1, kind "
                                    "CredentialProviderConfig"
                                  : own);
    case DocumentKind::kubernetes:
      return leave + "name the file that is meant";
  }
  return "";
}

}  // namespace

std::optional<MistakenDocument> mistaken_document(const YamlNode &root, const std::string &path,
                                                  DocumentKind expected) {
  const std::optional<DocumentKind> found = kind_of(root);
  if (!found || *found == expected) return std::nullopt;
  if (expected == DocumentKind::regcred_config && text_of(root, "kind") == "RegistryConfig") return std::nullopt;
  return MistakenDocument{"the file is " + name_of(*found, root) + ", expected " + name_of(expected, root),
                          cure_of(*found, expected, path)};
}

}  // namespace regcred::core
