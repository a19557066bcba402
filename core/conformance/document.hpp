// SPDX-License-Identifier: Apache-2.0
// The tool's input files: JSON or YAML, read into one kind of value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::conformance {

// The value in `text`, which is JSON, or YAML as the program reads its own configuration (config/settings_json.hpp).
// Members keep their order. Fails with ErrorCode::usage and the place that is wrong; `where` names the file.
[[nodiscard]] core::Result<nlohmann::ordered_json> parse_document(std::string_view text, const std::string &where);

// All bytes of the file at `path`, at most 16 MiB. Fails with ErrorCode::usage.
[[nodiscard]] core::Result<std::string> read_file(const std::string &path);

}  // namespace regcred::conformance
