// SPDX-License-Identifier: Apache-2.0
// Check: one promise of the ABI by name, and the code that checks a backend against it. START HERE; checks.cpp has all.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "conformance/subject.hpp"

namespace regcred::conformance {

enum class Status { passed, failed, skipped, not_applicable };

// The result of one check.
struct Verdict {
  Status status = Status::passed;
  std::string text = {};     // failed: what was seen and what was expected; skipped, not applicable: the reason
  bool cannot_load = false;  // the host could not load this backend at all
};

// `fact` may be empty: something worth knowing, such as the size of a file.
[[nodiscard]] inline Verdict passed(std::string fact = {}) { return {Status::passed, std::move(fact)}; }
[[nodiscard]] inline Verdict failed(std::string text) { return {Status::failed, std::move(text)}; }
[[nodiscard]] inline Verdict not_applicable(std::string reason) { return {Status::not_applicable, std::move(reason)}; }

// Called before each step ("create with a number for settings.org"): when the backend then crashes or hangs, the report
// names the step.
using Progress = std::function<void(std::string_view step)>;

// Judges the subject. Runs in a process of its own, so it may leave anything behind; a crash or hang is a failure.
using CheckFunction = std::function<Verdict(const Subject &, const Progress &)>;

struct Check {
  std::string name;   // group.what, unique
  std::string about;  // one sentence: what is checked, and why it matters
  CheckFunction run;

  [[nodiscard]] std::string_view group() const { return std::string_view(name).substr(0, name.find('.')); }
};

}  // namespace regcred::conformance
