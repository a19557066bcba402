// SPDX-License-Identifier: Apache-2.0
// All backends that ship, for targets whose input goes to one of them: its first byte, '0' and following, says
// to which. New ones come last, so that the corpus keeps its meaning.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backends/backend_under_test.hpp"

namespace regcred::fuzz {

struct ShippedBackend {
  const regcred_backend_v1 &table;
  std::string settings;  // those of its conformance run
  std::string image;
};

// BACKENDS is the folder of the built ones, SHIPPED that of their conformance runs (tests/conformance/shipped).
[[nodiscard]] inline const ShippedBackend &shipped_backend(std::uint8_t selector) {
  static const std::vector<ShippedBackend> all = [] {
    std::vector<ShippedBackend> loaded;
    for (const char *name : {"chainguard", "cloudsmith", "harbor", "jfrog", "oidc", "quay", "static", "google", "acr",
                             "ecr", "exec", "vault"}) {
      const std::string run = std::string(SHIPPED) + "/" + name;
      std::ifstream settings(run + ".settings.json");
      std::ifstream request(run + ".request.json");
      loaded.push_back({test::load_backend((std::string(BACKENDS) + "/" + name + ".so").c_str()),
                        std::string(std::istreambuf_iterator<char>(settings), {}),
                        nlohmann::json::parse(request)["image"].get<std::string>()});
    }
    return loaded;
  }();
  return all[static_cast<std::uint8_t>(selector - '0') % all.size()];
}

}  // namespace regcred::fuzz
