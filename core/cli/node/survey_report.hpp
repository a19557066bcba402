// SPDX-License-Identifier: Apache-2.0
// How a node and its plan are shown: lines for people, or JSON.
#pragma once

#include <string>

#include "cli/node/node_survey.hpp"
#include "cli/terminal.hpp"

namespace regcred::core {

// Facts, then the steps with what is done already, then what is in the way.
[[nodiscard]] std::string survey_as_text(const NodeSurvey &survey, const Terminal &terminal);

// The steps alone, for `install`.
[[nodiscard]] std::string steps_as_text(const NodeSurvey &survey, const Terminal &terminal);

// {"node": {...}, "kubelet": {...} or null, "providers": [...], "installed": {...}, "install": {"mode", "reason",
// "steps": [{kind, path, target, done}], "restart", "upToDate", "refusal"}, "findings": [...]}. No content of a file is
// shown.
[[nodiscard]] std::string survey_as_json(const NodeSurvey &survey);

}  // namespace regcred::core
