// SPDX-License-Identifier: Apache-2.0
#include "conformance/report.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/text.hpp"

namespace regcred::conformance {
namespace {

using nlohmann::ordered_json;

struct StatusWords {
  std::string_view line;    // in lists
  std::string_view json;    // in documents
  std::string_view colour;  // ECMA-48 SGR
};

const StatusWords &words_for(Status status) {
  static constexpr std::array<StatusWords, 4> words = {
      StatusWords{"pass", "passed", "32"}, StatusWords{"FAIL", "failed", "31;1"}, StatusWords{"skip", "skipped", "33"},
      StatusWords{"n/a ", "not applicable", "2"}};
  return words.at(static_cast<std::size_t>(status));
}

std::size_t count(const std::vector<CheckOutcome> &outcomes, Status status) {
  return static_cast<std::size_t>(std::count_if(
      outcomes.begin(), outcomes.end(), [status](const CheckOutcome &one) { return one.verdict.status == status; }));
}

std::string summary(const std::vector<CheckOutcome> &outcomes) {
  return std::to_string(outcomes.size()) + " checks: " + std::to_string(count(outcomes, Status::passed)) + " passed, " +
         std::to_string(count(outcomes, Status::failed)) + " failed, " +
         std::to_string(count(outcomes, Status::skipped)) + " skipped, " +
         std::to_string(count(outcomes, Status::not_applicable)) + " not applicable\n";
}

std::string coloured(std::string_view text, std::string_view colour) {
  return "\x1b[" + std::string(colour) + "m" + std::string(text) + "\x1b[0m";
}

std::string plain_line(const CheckOutcome &outcome) {
  const std::string &text = outcome.verdict.text;
  return std::string(words_for(outcome.verdict.status).line) + " " + outcome.check->name +
         (text.empty() ? "" : ": " + core::printable(text, 1000)) + "\n";
}

// Cells: status, name, text.
std::string table_row(const CheckOutcome &outcome, std::size_t name_width) {
  const StatusWords &words = words_for(outcome.verdict.status);
  const std::string gap(name_width - std::min(name_width, outcome.check->name.size()) + 2, ' ');
  std::string row = "  " + coloured(words.line, words.colour) + "  " + outcome.check->name;
  if (!outcome.verdict.text.empty()) row += gap + core::printable(outcome.verdict.text, 1000);
  if (outcome.verdict.status == Status::failed) row += "\n        " + coloured(outcome.check->about, "2");
  return row + "\n";
}

std::string table(const std::vector<CheckOutcome> &outcomes) {
  std::size_t name_width = 0;
  for (const CheckOutcome &outcome : outcomes) name_width = std::max(name_width, outcome.check->name.size());
  std::string text;
  std::string_view group;
  for (const CheckOutcome &outcome : outcomes) {
    if (outcome.check->group() != group) text += coloured(outcome.check->group(), "1") + "\n";
    group = outcome.check->group();
    text += table_row(outcome, name_width);
  }
  return text;
}

}  // namespace

std::string format_report(const std::vector<CheckOutcome> &outcomes, Style style) {
  if (style == Style::terminal) return table(outcomes) + summary(outcomes);
  std::string text;
  for (const CheckOutcome &outcome : outcomes) text += plain_line(outcome);
  return text + summary(outcomes);
}

std::string format_json(const std::vector<CheckOutcome> &outcomes, const Subject &subject) {
  ordered_json checks = ordered_json::array();
  for (const CheckOutcome &outcome : outcomes) {
    checks.push_back({{"name", outcome.check->name},
                      {"group", outcome.check->group()},
                      {"about", outcome.check->about},
                      {"status", words_for(outcome.verdict.status).json},
                      {"text", core::printable(outcome.verdict.text, 1000)},
                      {"milliseconds", outcome.took.count()}});
  }
  const ordered_json document = {{"backend", core::printable(subject.path, 4096)},
                                 {"checks", checks},
                                 {"summary",
                                  {{"passed", count(outcomes, Status::passed)},
                                   {"failed", count(outcomes, Status::failed)},
                                   {"skipped", count(outcomes, Status::skipped)},
                                   {"notApplicable", count(outcomes, Status::not_applicable)}}}};
  return document.dump(2) + "\n";
}

std::string format_list(const std::vector<Check> &checks, bool json) {
  if (json) {
    ordered_json list = ordered_json::array();
    for (const Check &check : checks) {
      list.push_back({{"name", check.name}, {"group", check.group()}, {"about", check.about}});
    }
    return list.dump(2) + "\n";
  }
  std::size_t width = 0;
  for (const Check &check : checks) width = std::max(width, check.name.size());
  std::string text;
  for (const Check &check : checks) {
    text += check.name + std::string(width - check.name.size() + 2, ' ') + check.about + "\n";
  }
  return text;
}

int exit_status(const std::vector<CheckOutcome> &outcomes) {
  const auto any = [&](auto &&holds) { return std::any_of(outcomes.begin(), outcomes.end(), holds); };
  if (any([](const CheckOutcome &one) { return one.verdict.cannot_load; })) {
    return core::exit_status(core::ErrorCode::backend_load);
  }
  return any([](const CheckOutcome &one) { return one.verdict.status == Status::failed; }) ? 1 : 0;
}

}  // namespace regcred::conformance
