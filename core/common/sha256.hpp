// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of a file or a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace regcred::core {

// SHA-256 of the whole file behind `fd` as lower-case hex; empty when it cannot be read, or has more than
// limits::backend_file_bytes_max. Leaves the offset alone.
[[nodiscard]] std::optional<std::string> sha256_of(int fd);

// The same of a text.
[[nodiscard]] std::string sha256_of_text(std::string_view text);

}  // namespace regcred::core
