// SPDX-License-Identifier: Apache-2.0
// The robot account that a request is made as.
#pragma once

#include <optional>
#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace quay {

// The key that Quay's own provider reads, too.
inline constexpr std::string_view robot_annotation = "quay.io/federated-robot-account";

// True for NAMESPACE+NAME, both of letters, digits, '.', '_' and '-', 1 to 255 bytes each: a robot's name in Quay. Such
// a name is safe in the Basic scheme and in messages.
[[nodiscard]] bool is_robot(std::string_view text);

// True for a robot, and for NAMESPACE+*: every robot of that namespace.
[[nodiscard]] bool is_robot_rule(std::string_view text);

// The annotated robot when it is `fallback` or matches one of `rules`; `fallback` when the service account has no such
// annotation, or an empty one, as templates may write. BAD_REQUEST: the annotation is not a robot or not allowed, or
// there is neither.
[[nodiscard]] regcred::Result<std::string> choose_robot(const regcred::Request &request,
                                                        const std::optional<std::string> &fallback,
                                                        const std::vector<std::string> &rules);

}  // namespace quay
