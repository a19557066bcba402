// SPDX-License-Identifier: Apache-2.0
// The ARN of an IAM role: arn:PARTITION:iam::ACCOUNT:role/PATH/NAME.
#pragma once

#include <optional>
#include <regcred/placeholders.hpp>
#include <string>
#include <string_view>

namespace ecr {

// The partition in the ARN of a role; nullopt when `arn` is not one. A pattern of roles may have * in each of its
// parts.
[[nodiscard]] std::optional<std::string_view> partition_of_role(std::string_view arn, bool is_pattern = false);

// Whether `role` is what `pattern` says: a * stands for any text without ':'.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view role);

// `arn` with {namespace} and {serviceAccount} filled in.
[[nodiscard]] std::string filled_in(std::string_view arn, const regcred::ServiceAccountName &pod);

}  // namespace ecr
