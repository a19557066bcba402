// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of a file that a configuration pins.
#pragma once

#include <optional>
#include <string>

namespace regcred::core {

// SHA-256 of the whole file behind `fd` as lower-case hex; empty when it cannot be read, or has more than
// limits::backend_file_bytes_max. Leaves the offset alone.
[[nodiscard]] std::optional<std::string> sha256_of(int fd);

}  // namespace regcred::core
