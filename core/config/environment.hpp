// SPDX-License-Identifier: Apache-2.0
// The environment as a value: only configuration and main read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::core {

using Variables = std::vector<std::pair<std::string, std::string>>;  // NAME and value

// `base`, with variables of the same names replaced by those of `own`.
[[nodiscard]] Variables overlaid(Variables base, const Variables &own);

class Environment {
 public:
  Environment() = default;
  explicit Environment(Variables variables) : variables_(std::move(variables)) {}

  // All variables, in no particular order.
  [[nodiscard]] const Variables &all() const { return variables_; }

  // The value of one variable; empty when it is not set or empty, which Kubernetes manifests do not distinguish.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;

 private:
  Variables variables_;
};

// That of this process.
[[nodiscard]] Environment process_environment();

}  // namespace regcred::core
