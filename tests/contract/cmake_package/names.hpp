// SPDX-License-Identifier: Apache-2.0
// A library that knows nothing of regcred.
#pragma once

#include <string>
#include <string_view>

namespace acme {

// "team/app" -> "robot$team": the robot account of the path's first segment.
[[nodiscard]] std::string robot_of(std::string_view path);

}  // namespace acme
