// SPDX-License-Identifier: Apache-2.0
// Sources: kubeadm.k8s.io/v1beta4 (Kubernetes 1.31); nodeadm of awslabs/amazon-eks-ami (node.eks.aws/v1alpha1);
// k3s, "Configuration File"; Talos, v1alpha1 Config and KubeCredentialProviderConfig.
#include "cli/generate/machine_config.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string_view>

#include "cluster/yaml_text.hpp"
#include "common/join.hpp"
#include "node/kubelet_flags.hpp"
#include "node/node_places.hpp"

namespace regcred::core {
namespace {

constexpr KubernetesVersions kubeadm_v1beta4{{31}};
constexpr std::string_view eks_programs = "/etc/eks/image-credential-provider";
constexpr std::string_view eks_directory = "/etc/regcred/kubelet.d";

std::string text_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string made_by(MachineKind kind) {
  return text_of({"Made by `regcred generate kubelet-config --for ", machine_kind_names[static_cast<int>(kind)], "`."});
}

// `text` line by line with `indent` spaces before each; empty lines stay empty.
std::string indented(std::string_view text, std::size_t indent) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) result.append(indent, ' ').append(text.substr(0, end));
    result += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

// Without the comment at the top, which is about a file and flags.
std::string document_of(const std::string &providers) { return providers.substr(providers.find("apiVersion:")); }

// A line that does not occur in any of the texts.
std::string mark_for(const MachineParts &parts) {
  std::string mark = "END-OF-REGCRED";
  const auto occurs = [&mark](const std::string &text) { return text.find(mark) != std::string::npos; };
  const auto file_has_it = [&](const MachineParts::File &file) { return occurs(file.text) || occurs(file.name); };
  while (occurs(parts.providers) || std::any_of(parts.files.begin(), parts.files.end(), file_has_it)) mark += '-';
  return mark;
}

// Both flags of files that `node install --mode files` has put on the machine, or on the image that it starts from.
Result<std::string> with_own_places(MachineKind kind, std::string_view advice, const auto &write) {
  const Result<NodePlaces> places = places_of(NodeFacts{});
  if (!places) return tl::make_unexpected(places.error());
  return text_of({yaml_comment(text_of({advice, " ", made_by(kind)})), "\n",
                  yaml_comment("The files must be there before the kubelet starts, or it does not start: run `regcred "
                               "node install --mode files --config FILE --kubernetes-version VERSION` before, or when "
                               "the machine's image is made."),
                  "\n", write(*places)});
}

Result<std::string> for_kubeadm(const MachineParts &parts) {
  if (!kubeadm_v1beta4.contains(parts.version)) {
    return fail(ErrorCode::usage, "--for kubeadm", "writes kubeadm.k8s.io/v1beta4, which kubeadm has from 1.31 on",
                "set both flags in KUBELET_EXTRA_ARGS of /etc/default/kubelet or /etc/sysconfig/kubelet");
  }
  const auto write = [](const NodePlaces &places) {
    const auto document = [&places](std::string_view kind) {
      return text_of({"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ", kind,
                      "\nnodeRegistration:\n  kubeletExtraArgs:\n    - name: ", provider_config_flag,
                      "\n      value: ", places.provider_file, "\n    - name: ", provider_bin_flag,
                      "\n      value: ", places.bin_directory, "\n"});
    };
    return text_of({document("InitConfiguration"), "---\n", document("JoinConfiguration")});
  };
  return with_own_places(MachineKind::kubeadm,
                         "For `kubeadm init --config` and `kubeadm join --config`: merge it into that file.", write);
}

Result<std::string> for_k3s() {
  const auto write = [](const NodePlaces &places) {
    return text_of(
        {provider_config_flag, ": ", places.provider_file, "\n", provider_bin_flag, ": ", places.bin_directory, "\n"});
  };
  return with_own_places(MachineKind::k3s,
                         "/etc/rancher/k3s/config.yaml.d/50-regcred.yaml, or /etc/rancher/rke2/config.yaml.d for RKE2.",
                         write);
}

// What the script writes: files with nothing in them that a shell reads.
std::string here_document(std::string_view path, std::string_view text, std::string_view mark) {
  return text_of({"cat > '", path, "' <<'", mark, "'\n", text, text.ends_with('\n') ? "" : "\n", mark, "\n"});
}

// The script comes first: cloud-init runs it before nodeadm starts the kubelet. Whatever fails in it, the directory
// and the vendor's part of it are there, so the kubelet starts.
Result<std::string> for_eks(const MachineParts &parts) {
  if (!config_directory.contains(parts.version)) {
    return fail(ErrorCode::usage, "--for eks-nodeconfig",
                "needs a kubelet that reads a directory, which it does from 1.34 on",
                "give --kubernetes-version 1.34 or later");
  }
  const std::string mark = mark_for(parts);
  std::string script =
      text_of({"#!/bin/sh\n",
               yaml_comment("User data of an EKS node with AL2023 whose image has regcred (its .rpm). " +
                            made_by(MachineKind::eks_nodeconfig)),
               "\nset -eu\ninstall -d -m 0755 ", eks_directory, "\nln -sfn ", eks_programs, "/config.json ",
               eks_directory, "/10-eks.json\n"});
  for (const MachineParts::File &item : parts.files) {
    const std::string place = configuration_place(MachineKind::eks_nodeconfig);
    script += here_document(text_of({place, "/", item.name}), item.text, mark);
  }
  script += text_of({"regcred check\nregcred install-links ", eks_programs, "\n"});
  script += here_document(text_of({eks_directory, "/50-regcred.yaml"}), document_of(parts.providers), mark);
  return text_of({"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"",
                  mark,
                  "\"\n\n--",
                  mark,
                  "\nContent-Type: text/x-shellscript; charset=\"utf-8\"\n\n",
                  script,
                  "\n--",
                  mark,
                  "\nContent-Type: application/node.eks.aws\n\n---\napiVersion: node.eks.aws/v1alpha1\n",
                  "kind: NodeConfig\nspec:\n  kubelet:\n    flags:\n      - --",
                  provider_config_flag,
                  "=",
                  eks_directory,
                  "\n      - --",
                  provider_bin_flag,
                  "=",
                  eks_programs,
                  "\n\n--",
                  mark,
                  "--\n"});
}

Result<std::string> for_talos(const MachineParts &parts) {
  const bool is_one = parts.names.size() == 1;
  std::string text =
      text_of({yaml_comment(text_of(
                   {"A patch of Talos's machine configuration, for `talosctl patch machineconfig --patch @FILE`. ",
                    made_by(MachineKind::talos),
                    " The program comes from the system extension, regcred-VERSION-talos-ARCH.tar.gz; in ",
                    "/usr/local/lib/kubelet/credentialproviders it must have the name", is_one ? " " : "s ",
                    joined(parts.names, std::identity{}, ", ", " and "), is_one ? "." : ", as links to one program."})),
               "\n",
               yaml_comment("From Talos 1.14 on, the content of `credentialProviderConfig` is the `configuration` of "
                            "a document of its own: apiVersion v1alpha1, kind KubeCredentialProviderConfig."),
               "\nmachine:\n  files:\n"});
  for (const MachineParts::File &item : parts.files) {
    const std::string path = text_of({configuration_place(MachineKind::talos), "/", item.name});
    text += text_of({"    - path: ", yaml_quoted(path), "\n      op: create\n      permissions: 0o644\n",
                     "      content: |2\n", indented(item.text, 8)});
  }
  return text + "  kubelet:\n    credentialProviderConfig:\n" + indented(document_of(parts.providers), 6);
}

}  // namespace

const char *configuration_place(MachineKind kind) {
  if (kind == MachineKind::talos) return "/var/lib/kubelet/regcred";
  return kind == MachineKind::eks_nodeconfig ? "/etc/regcred" : "";
}

Result<std::string> write_machine_config(MachineKind kind, const MachineParts &parts) {
  switch (kind) {
    case MachineKind::kubeadm:
      return for_kubeadm(parts);
    case MachineKind::k3s:
      return for_k3s();
    case MachineKind::eks_nodeconfig:
      return for_eks(parts);
    case MachineKind::talos:
      return for_talos(parts);
  }
  return fail(ErrorCode::internal, "--for", "is not known", "report this to the maintainers of regcred");
}

}  // namespace regcred::core
