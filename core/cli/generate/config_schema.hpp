// SPDX-License-Identifier: Apache-2.0
// `regcred generate schema`: one JSON Schema for editors, with the settings of every installed backend.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// `schema` (the text of share/regcred/schema/regcred-config.schema.json) with one more rule for each usable backend: an
// entry of that backend has settings by the backend's own schema, and `backend` is one of their names. Fails with
// ErrorCode::internal when `schema` is not what regcred installs.
[[nodiscard]] Result<std::string> schema_with_backends(const std::string &schema,
                                                       const std::vector<SurveyedBackend> &backends);

}  // namespace regcred::core
