// SPDX-License-Identifier: Apache-2.0
#include <regcred/abi.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "common/kubernetes_names.hpp"

namespace regcred::core {
namespace {

Run declare(ArgumentParser &parser) {
  const auto as_json = std::make_shared<bool>(false);
  parser.add_flag("--json", *as_json, "As JSON");
  return [as_json](const Context &) { return print_version(*as_json); };
}

}  // namespace

const Command version_command = {"version", "Print the version", declare};

Output print_version(bool as_json) {
  const std::string abi = std::to_string(REGCRED_ABI_MAJOR) + "." + std::to_string(REGCRED_ABI_MINOR);
  if (!as_json) {
    return {"regcred " REGCRED_VERSION " (backend ABI " + abi +
                "; credentialprovider.kubelet.k8s.io v1, v1beta1, v1alpha1)\n",
            std::nullopt};
  }
  const nlohmann::ordered_json document = {
      {"name", "regcred"},
      {"version", REGCRED_VERSION},
      {"backendAbi", abi},
      {"credentialProviderApiVersions", credential_provider_versions},
  };
  return {document.dump(2) + "\n", std::nullopt};
}

}  // namespace regcred::core
