// SPDX-License-Identifier: Apache-2.0
#include "robot.hpp"

#include <algorithm>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>

namespace quay {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::shown;

bool is_name(std::string_view text) {
  constexpr std::size_t name_bytes_max = 255;
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= name_bytes_max && text.find_first_not_of(allowed) == text.npos;
}

// `robot` is one, `rule` is a rule.
bool keeps_to(std::string_view robot, std::string_view rule) {
  if (!rule.ends_with("+*")) return robot == rule;
  return robot.starts_with(rule.substr(0, rule.size() - 1));
}

}  // namespace

bool is_robot(std::string_view text) {
  const std::size_t plus = text.find('+');
  return plus != text.npos && is_name(text.substr(0, plus)) && is_name(text.substr(plus + 1));
}

bool is_robot_rule(std::string_view text) {
  return is_robot(text) || (text.ends_with("+*") && is_name(text.substr(0, text.size() - 2)));
}

Result<std::string> choose_robot(const regcred::Request &request, const std::optional<std::string> &fallback,
                                 const std::vector<std::string> &rules) {
  const std::string_view annotated = request.annotation(robot_annotation).value_or("");
  if (!annotated.empty() && !is_robot(annotated)) {
    return failure(Code::bad_request,
                   "annotation " + std::string(robot_annotation) + ": " + shown(annotated) +
                       " is not a robot; write NAMESPACE+NAME, as Quay shows it, on the pod's service "
                       "account");
  }
  return regcred::choose(
      request, {robot_annotation, fallback, "settings.robot", "settings.allowedRobots"}, [&](std::string_view robot) {
        return std::any_of(rules.begin(), rules.end(), [&](const std::string &rule) { return keeps_to(robot, rule); });
      });
}

}  // namespace quay
