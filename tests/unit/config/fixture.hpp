// SPDX-License-Identifier: Apache-2.0
// What the tests of the configuration share: an environment changed, and errors as one text.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

// `environment` with one variable more, or with another value of it.
inline Environment with(const Environment &environment, const std::string &name, const std::string &value) {
  return Environment(overlaid(environment.all(), {{name, value}}));
}

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
