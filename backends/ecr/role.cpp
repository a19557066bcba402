// SPDX-License-Identifier: Apache-2.0
#include "role.hpp"

#include <regcred/text.hpp>

namespace ecr {

std::optional<std::string_view> partition_of_role(std::string_view arn, bool is_pattern) {
  constexpr std::string_view start = "arn:", service = ":iam::", kind = ":role/";
  constexpr std::string_view letters = "-abcdefghijklmnopqrstuvwxyz*", digits = "0123456789*";
  constexpr std::string_view name = "+=,.@/-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*";
  constexpr std::size_t account_digits = 12, name_bytes_max = 512;
  const auto only = [is_pattern](std::string_view text, std::string_view allowed) {
    if (!is_pattern) allowed.remove_suffix(1);
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
  };
  const std::size_t account = arn.find(service), path = arn.find(kind);
  if (!arn.starts_with(start) || account < start.size() || path == std::string_view::npos || path < account + 6) {
    return std::nullopt;
  }
  const std::string_view partition = arn.substr(start.size(), account - start.size());
  const std::string_view owner = arn.substr(account + service.size(), path - account - service.size());
  const std::string_view role = arn.substr(path + kind.size());
  const bool is_whole = is_pattern ? owner.size() <= account_digits : owner.size() == account_digits;
  if (!is_whole || role.size() > name_bytes_max) return std::nullopt;
  if (!only(partition, letters) || !only(owner, digits) || !only(role, name)) return std::nullopt;
  return partition;
}

bool fits(std::string_view pattern, std::string_view role) {
  return regcred::matches_parts(pattern, role, ':');  // guard: ecr-star-within-part
}

std::string filled_in(std::string_view arn, const regcred::ServiceAccountName &pod) {
  const regcred::Placeholder values[] = {{"namespace", pod.namespace_name}, {"serviceAccount", pod.name}};
  return regcred::with_placeholders(arn, values);
}

}  // namespace ecr
