// SPDX-License-Identifier: Apache-2.0
// How the kubelet runs regcred: by a provider's name, args and env, which decide the configuration that it reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "common/finding.hpp"
#include "config/config.hpp"
#include "config/environment.hpp"

namespace regcred::core {

// The providers that read one configuration.
struct ProviderRun {
  std::string program_name;
  std::optional<std::string> config_path;  // of --config in args, or else of this command
  Variables environment;                   // of the provider, before the kubelet's
  std::vector<KubeletProvider> providers;
  bool is_own = false;  // the configuration that this command was called with
};

// The providers that run regcred, by the configuration that they read; first that of `own`, which may have none. Their
// args are read by the program's own parser. A link that has the replaced provider's name reads that provider's
// configuration from its own env, also when `own` does, too. Rules:
//   provider-args         regcred refuses the arguments, or would do something else than to answer: error; they are
//                         for debuggers: warning
//   configuration-unread  providers run regcred, but none reads the configuration that is checked: warning
[[nodiscard]] std::vector<ProviderRun> provider_runs(const ProviderConfig &kubelet, const ConfigSource &own,
                                                     std::vector<Finding> &findings);

}  // namespace regcred::core
