// SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include <unistd.h>

namespace regcred::core {

std::optional<std::string> Environment::get(std::string_view name) const {
  for (const auto &[variable, value] : variables_) {
    if (variable == name && !value.empty()) return value;
  }
  return std::nullopt;
}

Environment process_environment() {
  Variables variables;
  for (char **line = ::environ; line != nullptr && *line != nullptr; ++line) {
    const std::string_view text = *line;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return Environment(std::move(variables));
}

Variables overlaid(Variables base, const Variables &own) {
  for (const auto &variable : own) {
    std::erase_if(base, [&variable](const auto &known) { return known.first == variable.first; });
    base.push_back(variable);
  }
  return base;
}

}  // namespace regcred::core
