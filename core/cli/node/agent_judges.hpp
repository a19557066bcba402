// SPDX-License-Identifier: Apache-2.0
// What the agent asks this program's other commands, each as a process of its own.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// Whether `PROGRAM check` takes the configuration in `directory`. Fails with its first error. Rules about files that
// the whole configuration names (ca-file, backend-directory, metrics-file) and about the program do not count: a
// container does not see them all.
[[nodiscard]] Status judge_by_check(const std::string &program, const std::string &directory, Clock &clock);

// Why the node below `host_root` is not as `PROGRAM node install` would make it; empty when it is.
[[nodiscard]] std::string obstacle_by_status(const std::string &program, const std::string &host_root, Clock &clock);

// The same of what they print with -o json.
[[nodiscard]] Status judge_findings(std::string_view json);
[[nodiscard]] std::string obstacle_in_status(std::string_view json);

}  // namespace regcred::core
