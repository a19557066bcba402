// SPDX-License-Identifier: Apache-2.0
// What doctor found, step by step, and how it is shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/terminal.hpp"
#include "common/known_secrets.hpp"
#include "common/result.hpp"

namespace regcred::core {

enum class StepState { passed, failed, skipped };

// One step. The texts may hold anything: DoctorReport redacts and cleans them when it renders.
struct Step {
  std::string area;  // heading: "configuration", "token", "issuer", "exchange", "registry"
  std::string name;  // lower-case with '-', stable over versions: "issuer-discovery"
  StepState state = StepState::passed;
  std::string what;                     // one sentence; of a skipped step: why
  std::string cure;                     // of a failed step: what to do; of another: a hint, may be empty
  std::vector<std::string> details;     // what was seen, one line each
  ErrorCode code = ErrorCode::backend;  // of a failed step: what the exit status becomes
  bool is_explained_later = false;      // of a failed step: another one after it has reason, cure and exit status
};

// "a; b" as what and cure: the form in which this program's messages hold both.
struct WhatAndCure {
  std::string what;
  std::string cure;
};
[[nodiscard]] WhatAndCure split_cure(std::string_view text);

// An error as the failed step `name`. A backend's message holds its cure, which is split off.
[[nodiscard]] Step failed_step(std::string area, std::string name, const Error &error);

class DoctorReport {
 public:
  // `secret` is hidden in everything that is rendered, also in steps that were added before.
  void hide(std::string_view secret) { secrets_.add(secret); }

  // Whether it would hide something in `text`.
  [[nodiscard]] bool hides(std::string_view text) const { return secrets_.hidden_in(text) != text; }

  void add(Step step) { steps_.push_back(std::move(step)); }
  // Adds steps that cannot be tried, all for the same reason.
  void skip(const std::string &area, const std::vector<std::string> &names, const std::string &why);

  [[nodiscard]] const std::vector<Step> &steps() const { return steps_; }
  [[nodiscard]] bool failed(std::string_view name) const;
  // The first step of these areas that failed, or else the first that has a hint; null when there is none.
  [[nodiscard]] const Step *first_suspect(const std::vector<std::string> &areas) const;

  // Headings, one line per step, details and cure below it, and a last line that counts.
  [[nodiscard]] std::string as_text(const std::string &image, const Terminal &terminal) const;
  // {"image", "passed": BOOLEAN, "counts": {...}, "steps": [{"area", "step", "state", "what", "cure", "details"}]}
  [[nodiscard]] std::string as_json(const std::string &image) const;
  // The first failed step as the error of this run; empty when none failed.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  [[nodiscard]] std::string shown(std::string_view text) const;
  [[nodiscard]] std::size_t count(StepState state) const;

  std::vector<Step> steps_;
  KnownSecrets secrets_;
};

}  // namespace regcred::core
