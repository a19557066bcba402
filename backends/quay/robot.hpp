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

// True for NAMESPACE+NAME, both of letters, digits, '.', '_' and '-', 1 to 255 bytes each: a robot as Quay names it,
// and nothing that the Basic scheme or a message could choke on.
[[nodiscard]] bool is_robot(std::string_view text);

// True for a robot, and for NAMESPACE+*: every robot of that namespace.
[[nodiscard]] bool is_robot_rule(std::string_view text);

// The annotated robot when it is `fallback` or keeps to one of `rules`; `fallback` when the service account has no such
// annotation, or an empty one, since templates leave such behind. BAD_REQUEST: the annotation is not a robot, or not
// allowed, or neither names one.
[[nodiscard]] regcred::Result<std::string> choose_robot(const regcred::Request &request,
                                                        const std::optional<std::string> &fallback,
                                                        const std::vector<std::string> &rules);

}  // namespace quay
