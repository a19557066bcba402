// SPDX-License-Identifier: Apache-2.0
// Whether the kubelet calls regcred for an image, and with what: the kubelet's part of `regcred explain`.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "common/advice.hpp"
#include "common/result.hpp"

namespace regcred::core {

// One provider of the kubelet's configuration, and whether it is called for one image.
struct ProviderReport {
  const KubeletProvider *provider = nullptr;
  bool is_called = false;
  bool runs_regcred = false;
  std::string pattern;  // the first that matches; empty when none does
  std::string reason;   // the pattern, or why the first pattern does not match
};

struct KubeletReport {
  std::string path;
  ProviderConfig config;
  std::vector<ProviderReport> providers;  // in the kubelet's order; point into `config`
  bool calls_regcred = false;
};

// Reads the configuration at `path` for `version` (absent: the newest known). Fails with ErrorCode::config when the
// kubelet would not start with it, naming the first reason and, by `invocation`, how to see them all.
[[nodiscard]] Result<ProviderConfig> load_provider_config(const std::string &path,
                                                          const std::optional<std::string> &version,
                                                          const Invocation &invocation);

// Asks every provider of the configuration at `path` about `image` (in the kubelet's form). Fails as
// load_provider_config does.
[[nodiscard]] Result<KubeletReport> explain_kubelet(const std::string &path, const std::string &image,
                                                    const std::optional<std::string> &version,
                                                    const Invocation &invocation);

// A row for each provider, and below one that is called a row for each part of the call.
[[nodiscard]] std::vector<std::vector<std::string>> kubelet_rows(const KubeletReport &report);
[[nodiscard]] nlohmann::ordered_json kubelet_as_json(const KubeletReport &report);

}  // namespace regcred::core
