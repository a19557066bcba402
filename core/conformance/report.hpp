// SPDX-License-Identifier: Apache-2.0
// The outcomes, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "conformance/runner.hpp"

namespace regcred::conformance {

enum class Style {
  plain,     // one line per check, for pipes: STATUS NAME: TEXT
  terminal,  // a table by groups, with colours, and a description of each failed check
};

// One line or row per check, then the count. What comes from the backend is made printable.
[[nodiscard]] std::string format_report(const std::vector<CheckOutcome> &outcomes, Style style);

// {"backend", "checks": [{"name", "group", "about", "status", "text", "milliseconds"}], "summary": {...}} as one
// document.
[[nodiscard]] std::string format_json(const std::vector<CheckOutcome> &outcomes, const Subject &subject);

// Names and sentences of `checks`, as text or JSON.
[[nodiscard]] std::string format_list(const std::vector<Check> &checks, bool json);

// 0 when none failed, 1, or 5 when the backend could not be loaded.
[[nodiscard]] int exit_status(const std::vector<CheckOutcome> &outcomes);

}  // namespace regcred::conformance
