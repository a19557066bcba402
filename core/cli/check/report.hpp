// SPDX-License-Identifier: Apache-2.0
// How findings are shown: lines like a compiler's, or JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/terminal.hpp"
#include "common/finding.hpp"

namespace regcred::core {

// What was checked, for the head of the report.
struct CheckedParts {
  std::vector<std::string> files;      // of the configuration
  std::size_t entries = 0;             // of the configuration; 0 when it could not be read
  std::vector<std::string> backends;   // "cloudsmith 0.1.0 /usr/local/lib/regcred/backends/cloudsmith.so"
  std::string kubelet_config;          // path, or empty
  std::string kubernetes_version;      // "1.34", or empty
  std::string version_note;            // ", newer than what is known (1.37): ...", or empty
  std::vector<std::string> providers;  // of the kubelet, in words
  std::vector<std::pair<std::string, std::string>> node;  // about the running kubelet: label and text
};

struct FindingCounts {
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t notes = 0;
};
[[nodiscard]] FindingCounts count(const std::vector<Finding> &findings);

// "2 errors, 1 warning": only kinds that occur; "nothing" when there is no finding.
[[nodiscard]] std::string in_words(const FindingCounts &counts);

// By file and, in it, from top to bottom; files in the order of their first finding.
void sort_by_place(std::vector<Finding> &findings);

// One line per finding, in the order given: "FILE:LINE:COLUMN: error: what; cure [rule]".
[[nodiscard]] std::string finding_lines(const std::vector<Finding> &findings, const Terminal &terminal);

// The same, then what was checked.
[[nodiscard]] std::string findings_as_text(const std::vector<Finding> &findings, const CheckedParts &parts,
                                           const Terminal &terminal);

// [{severity, rule, file, line, column, what, cure}]; line and column are 0 where a finding is about a whole file.
[[nodiscard]] nlohmann::ordered_json findings_json(const std::vector<Finding> &findings);

// {"findings": findings_json(), "errors": N, ...}.
[[nodiscard]] std::string findings_as_json(const std::vector<Finding> &findings, const CheckedParts &parts);

}  // namespace regcred::core
