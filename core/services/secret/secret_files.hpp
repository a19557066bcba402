// SPDX-License-Identifier: Apache-2.0
// Static secrets from root-only files or systemd's credentials directory.
#pragma once

#include <regcred/secret.hpp>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// Reads one secret of at most limits::secret_file_bytes_max, without trailing line ends.
//  - `name` is an absolute path: the file must be of mode 0600 or 0400 and belong to root or the effective user, its
//    directories must not be writable by others (common/trusted_file.hpp).
//  - `name` is a bare name (letters, digits, '.', '_', '-'; not "." or ".."): the same rules for the file below
//  `credentials_directory`,
//    which is $CREDENTIALS_DIRECTORY (systemd.exec(5)) or empty when that is not set.
// Fails with ErrorCode::config: wrong name, no directory, file missing or not trusted, empty, too long.
[[nodiscard]] Result<Secret> read_secret_file(std::string_view name, const std::string &credentials_directory);

}  // namespace regcred::core
