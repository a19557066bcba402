// SPDX-License-Identifier: Apache-2.0
// What the tests of the configuration share: an environment that is a table, and errors as one text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

using Variables = std::vector<std::pair<std::string, std::string>>;

class TableEnvironment final : public Environment {
 public:
  TableEnvironment() = default;
  explicit TableEnvironment(Variables variables) : variables_(std::move(variables)) {}

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const override { return variables_; }
  void set(const std::string &name, std::string value) {
    std::erase_if(variables_, [&](const auto &variable) { return variable.first == name; });
    variables_.emplace_back(name, std::move(value));
  }

 private:
  Variables variables_;
};

// "WHERE: WHAT; CURE", or "accepted".
template <class T>
std::string refusal(const Result<T> &result) {
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, ErrorCode::config);
  return result.error().where + ": " + result.error().what + "; " + result.error().cure;
}

inline std::string repeated(const std::string &text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace regcred::core
