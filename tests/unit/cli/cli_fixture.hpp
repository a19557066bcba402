// Faces of the seams that commands are given.
#pragma once

#include <map>
#include <string>

#include "config/environment.hpp"

namespace regcred::core {

// An environment as the test lays it out.
class TableEnvironment final : public Environment {
 public:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const override {
    return {variables.begin(), variables.end()};
  }
  std::map<std::string, std::string> variables;
};

}  // namespace regcred::core
