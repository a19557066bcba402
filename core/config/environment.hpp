// SPDX-License-Identifier: Apache-2.0
// The environment as an interface: only configuration and main read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::core {

using Variables = std::vector<std::pair<std::string, std::string>>;  // NAME and value

// Real: ProcessEnvironment. In tests: a table.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;
  virtual ~Environment() = default;

  // All variables, as NAME and value, in no particular order.
  [[nodiscard]] virtual Variables all() const = 0;

  // The value of one variable; empty when it is not set or empty, which Kubernetes manifests do not distinguish.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
};

// `base`, with variables of the same names replaced by those of `own`.
[[nodiscard]] Variables overlaid(Variables base, const Variables &own);

// A given set of variables.
class GivenEnvironment final : public Environment {
 public:
  explicit GivenEnvironment(Variables variables) : variables_(std::move(variables)) {}
  [[nodiscard]] Variables all() const override { return variables_; }

 private:
  Variables variables_;
};

class ProcessEnvironment final : public Environment {
 public:
  [[nodiscard]] Variables all() const override;
};

}  // namespace regcred::core
