// SPDX-License-Identifier: Apache-2.0
// GoogleTest matchers for Outcome and Result<T>. The only SDK header that needs gmock.
//
//   EXPECT_THAT(run(table, settings, request, host), IsOk());
//   EXPECT_THAT(parse("x"), FailsWith(Code::bad_config, HasSubstr("settings.apiHost")));
//
// Only an Outcome has problems; a Result is judged by its code and text.
#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <ostream>
#include <regcred/detail/matchers_impl.hpp>
#include <regcred/result.hpp>
#include <regcred/testing.hpp>
#include <utility>

namespace regcred::test {

// What a failed expectation prints of an Outcome: code, text and the number of credentials. Never a password, which
// would stay in the logs of a CI.
inline void PrintTo(const Outcome &outcome, std::ostream *out) {
  *out << code_name(outcome.code) << " \"" << outcome.text << "\" with " << outcome.auth.size() << " credential(s)";
}

// Success, and no problems: everything else went as the script and the ABI want it. Explains itself by code, text and
// one line for each problem.
MATCHER(IsOk, "is ok, without problems") { return detail::is_ok(detail::status_of(arg), *result_listener); }

// This failure, with a text that matches (a string, or a matcher of strings), and no problems.
MATCHER_P2(FailsWith, code, text, "is " + code_name(static_cast<std::int32_t>(code)) + " with a fitting text") {
  return detail::fails_with(detail::status_of(arg), static_cast<std::int32_t>(code), text, *result_listener);
}

// The same, whatever the text says: FailsWith(Code::denied).
[[nodiscard]] inline auto FailsWith(Code code) { return FailsWith(code, ::testing::_); }

// FailsWith under the name that users of abseil know.
template <class Text>
[[nodiscard]] auto StatusIs(Code code, Text text) {
  return FailsWith(code, std::move(text));
}

}  // namespace regcred::test
