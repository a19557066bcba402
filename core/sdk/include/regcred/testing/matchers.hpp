// SPDX-License-Identifier: Apache-2.0
// GoogleTest matchers for Outcome and Result<T>. The only SDK header that needs gmock.
#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <ostream>
#include <regcred/testing.hpp>
#include <string>
#include <utility>
#include <vector>

namespace regcred::test {

namespace detail {

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

}  // namespace detail

// So that a failed expectation shows words. A password stays out of test logs too.
inline void PrintTo(const Outcome &outcome, std::ostream *out) {
  *out << code_name(outcome.code) << " \"" << outcome.text << "\" with " << outcome.auth.size() << " credential(s)";
}

// Success, and everything else went as the script and the ABI want it.
MATCHER(IsOk, "is ok, without problems") {
  const detail::Status status = detail::status_of(arg);
  detail::describe(status, *result_listener);
  return status.code == REGCRED_OK && status.problems.empty();
}

// This failure, with a text that matches, and no problems: FailsWith(Code::denied, HasSubstr("acme")).
MATCHER_P2(FailsWith, code, text, "is " + code_name(static_cast<std::int32_t>(code)) + " with a fitting text") {
  const detail::Status status = detail::status_of(arg);
  detail::describe(status, *result_listener);
  return status.code == static_cast<std::int32_t>(code) && status.problems.empty() &&
         ::testing::ExplainMatchResult(text, status.text, result_listener);
}

// The same, whatever the text says: FailsWith(Code::denied).
[[nodiscard]] inline auto FailsWith(Code code) { return FailsWith(code, ::testing::_); }

// FailsWith under the name that users of abseil know.
template <class Text>
[[nodiscard]] auto StatusIs(Code code, Text text) {
  return FailsWith(code, std::move(text));
}

}  // namespace regcred::test
