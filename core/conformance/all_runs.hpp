// SPDX-License-Identifier: Apache-2.0
// Every run that the tool knows, for promises that must hold in all of them.
#pragma once

#include <functional>
#include <string>

#include "conformance/stage.hpp"

namespace regcred::conformance {

// Judges one run; `what` names it ("HTTP 401 for POST https://...").
using RunFunction = std::function<Verdict(const Stage &, const std::string &what, const Said &)>;

// A check that runs the success case, all bad settings, the success case with the deadline over, and every fault of the
// network, and stops at the first run that fails the judgement. The success case need not succeed.
[[nodiscard]] CheckFunction in_all_runs(RunFunction judge);

}  // namespace regcred::conformance
