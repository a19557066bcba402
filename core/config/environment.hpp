// SPDX-License-Identifier: Apache-2.0
// The environment as an interface: only configuration and main read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::core {

// Real: ProcessEnvironment. In tests: a table.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;
  virtual ~Environment() = default;

  // All variables, as NAME and value, in no particular order.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> all() const = 0;

  // The value of one variable; empty when it is not set or set to nothing, between which Kubernetes manifests
  // make no difference.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
};

class ProcessEnvironment final : public Environment {
 public:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const override;
};

}  // namespace regcred::core
