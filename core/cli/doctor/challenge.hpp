// SPDX-License-Identifier: Apache-2.0
// A registry's request for authentication (RFC 9110, 11.6.1; RFC 6750; distribution specification). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::core {

struct Challenge {
  std::string scheme;                             // lower case: bearer, basic
  std::map<std::string, std::string> parameters;  // names in lower case, values without quotes
};

// The challenges of one WWW-Authenticate value, in order. What follows a syntax error is dropped.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view value);

// The URL that gives a token for pulling `repository`: the realm of a Bearer challenge with its service and
// scope=repository:REPOSITORY:pull. Empty when the realm is not an https URL.
[[nodiscard]] std::optional<std::string> token_url(const Challenge &bearer, std::string_view repository);

}  // namespace regcred::core
