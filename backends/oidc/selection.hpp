// SPDX-License-Identifier: Apache-2.0
// What a service account may decide: the value of a named field, among those that the operator lists.
#pragma once

#include <map>
#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <regcred/settings.hpp>
#include <string>
#include <vector>

namespace oidc {

// One entry of settings.selections.
struct Selection {
  std::string annotation;           // of the service account
  std::string field;                // of the exchange's body
  std::vector<std::string> values;  // that it may have
};

// Reads settings.selections. BAD_CONFIG for the first value that is wrong, with its place and the cure.
[[nodiscard]] regcred::Result<std::vector<Selection>> read_selections(regcred::Settings &settings);

// The selected fields of one request. An annotation that is absent or empty selects nothing; the field then needs a
// value in `defaults`. BAD_REQUEST names the annotation: absent without a default, or a value that is not listed.
[[nodiscard]] regcred::Result<std::map<std::string, std::string>> select_fields(
    const std::vector<Selection> &selections, const std::map<std::string, std::string> &defaults,
    const regcred::Request &request);

}  // namespace oidc
