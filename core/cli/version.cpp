#include <regcred/abi.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"

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
      {"credentialProviderApiVersions",
       {"credentialprovider.kubelet.k8s.io/v1", "credentialprovider.kubelet.k8s.io/v1beta1",
        "credentialprovider.kubelet.k8s.io/v1alpha1"}},
  };
  return {document.dump(2) + "\n", std::nullopt};
}

}  // namespace regcred::core
