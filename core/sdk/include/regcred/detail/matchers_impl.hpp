// SPDX-License-Identifier: Apache-2.0
// What the matchers of testing/matchers.hpp look at. Included by it alone, and first: their macros hold bodies.
#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <regcred/testing.hpp>
#include <string>
#include <vector>

namespace regcred::test::detail {

struct Status {
  std::int32_t code;
  std::string text;
  std::vector<std::string> problems;
};

[[nodiscard]] inline Status status_of(const Outcome &outcome) { return {outcome.code, outcome.text, outcome.problems}; }

template <class T>
[[nodiscard]] Status status_of(const Result<T> &result) {
  if (result.has_value()) return {REGCRED_OK, {}, {}};
  return {static_cast<std::int32_t>(result.error().code), result.error().text, {}};
}

inline void describe(const Status &status, ::testing::MatchResultListener &listener) {
  listener << "is " << code_name(status.code) << ": " << status.text;
  for (const std::string &problem : status.problems) listener << "\n  problem: " << problem;
}

[[nodiscard]] inline bool is_ok(const Status &status, ::testing::MatchResultListener &listener) {
  describe(status, listener);
  return status.code == REGCRED_OK && status.problems.empty();
}

template <class Text>
[[nodiscard]] bool fails_with(const Status &status, std::int32_t code, const Text &text,
                              ::testing::MatchResultListener &listener) {
  describe(status, listener);
  return status.code == code && status.problems.empty() && ::testing::ExplainMatchResult(text, status.text, &listener);
}

}  // namespace regcred::test::detail
