#include <regcred/abi.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "common/kubernetes_names.hpp"

namespace regcred::core {

Output version_command(const Command &command) {
  const std::string abi = std::to_string(REGCRED_ABI_MAJOR) + "." + std::to_string(REGCRED_ABI_MINOR);
  if (!command.json) {
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
