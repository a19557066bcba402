// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/contains.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t line_bytes_max = 1000;  // of any one text
constexpr std::size_t name_columns = 21;
constexpr const char *indent = "           ";  // below the name of a step

const char *word(StepState state) {
  switch (state) {
    case StepState::passed:
      return "passed ";
    case StepState::failed:
      return "failed ";
    case StepState::skipped:
      return "skipped";
  }
  return "";
}

Tone tone(StepState state) {
  switch (state) {
    case StepState::passed:
      return Tone::good;
    case StepState::failed:
      return Tone::bad;
    case StepState::skipped:
      return Tone::faint;
  }
  return Tone::plain;
}

std::string_view trimmed_word(StepState state) {
  const std::string_view text = word(state);
  return text.substr(0, text.find(' '));
}

}  // namespace

WhatAndCure split_cure(std::string_view text) {
  const std::size_t at = text.find("; ");
  if (at == std::string_view::npos) return {std::string(text), {}};
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 2))};
}

Step failed_step(std::string area, std::string name, const Error &error) {
  WhatAndCure words = error.cure.empty() ? split_cure(error.what) : WhatAndCure{error.what, error.cure};
  return {
      std::move(area), std::move(name), StepState::failed, error.where + ": " + words.what, std::move(words.cure), {},
      error.code};
}

void DoctorReport::skip(const std::string &area, const std::vector<std::string> &names, const std::string &why) {
  for (const std::string &name : names) add({area, name, StepState::skipped, why, {}, {}});
}

bool DoctorReport::failed(std::string_view name) const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [name](const Step &step) { return step.name == name && step.state == StepState::failed; });
}

const Step *DoctorReport::first_suspect(const std::vector<std::string> &areas) const {
  const auto find = [&](StepState state) -> const Step * {
    for (const Step &step : steps_) {
      const bool asked = contains(areas, step.area);
      if (asked && step.state == state && !step.cure.empty()) return &step;
    }
    return nullptr;
  };
  const Step *const failed = find(StepState::failed);
  return failed != nullptr ? failed : find(StepState::passed);
}

std::string DoctorReport::shown(std::string_view text) const {
  return printable(secrets_.hidden_in(text), line_bytes_max);  // guard: doctor-redacts
}

std::size_t DoctorReport::count(StepState state) const {
  return static_cast<std::size_t>(
      std::count_if(steps_.begin(), steps_.end(), [state](const Step &step) { return step.state == state; }));
}

std::string DoctorReport::as_text(const std::string &image, const Terminal &terminal) const {
  std::string text = "image  " + shown(image) + "\n";
  std::string area;
  for (const Step &step : steps_) {
    if (step.area != area) text += '\n' + paint(terminal, Tone::strong, step.area) + '\n';
    area = step.area;
    const std::string padding(name_columns - std::min(name_columns - 2, step.name.size()), ' ');
    text += "  " + paint(terminal, tone(step.state), word(step.state)) + "  " + step.name + padding + shown(step.what) +
            '\n';
    for (const std::string &detail : step.details) {
      text += indent + paint(terminal, Tone::faint, shown(detail)) + '\n';
    }
    if (step.cure.empty()) continue;
    const bool failed = step.state == StepState::failed;
    text += indent + paint(terminal, failed ? Tone::bad : Tone::warning, failed ? "cure: " : "hint: ") +
            shown(step.cure) + '\n';
  }
  text += '\n' + std::to_string(count(StepState::passed)) + " passed, " + std::to_string(count(StepState::failed)) +
          " failed, " + std::to_string(count(StepState::skipped)) + " skipped\n";
  return text;
}

std::string DoctorReport::as_json(const std::string &image) const {
  Json document;
  document["image"] = shown(image);
  document["passed"] = count(StepState::failed) == 0;
  document["counts"] = {{"passed", count(StepState::passed)},
                        {"failed", count(StepState::failed)},
                        {"skipped", count(StepState::skipped)}};
  document["steps"] = Json::array();
  for (const Step &step : steps_) {
    Json details = Json::array();
    for (const std::string &detail : step.details) details.push_back(shown(detail));
    document["steps"].push_back({{"area", step.area},
                                 {"step", step.name},
                                 {"state", trimmed_word(step.state)},
                                 {"what", shown(step.what)},
                                 {"cure", shown(step.cure)},
                                 {"details", std::move(details)}});
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Error> DoctorReport::error() const {
  const auto counts = [](const Step &step) { return step.state == StepState::failed && !step.is_explained_later; };
  const auto first = std::find_if(steps_.begin(), steps_.end(), counts);
  if (first == steps_.end()) return std::nullopt;
  const auto others = std::count_if(first + 1, steps_.end(), counts);
  return Error{first->code, "doctor: " + first->name,
               shown(first->what) + (others == 0 ? "" : " (and " + std::to_string(others) + " more failed)"),
               shown(first->cure)};
}

}  // namespace regcred::core
