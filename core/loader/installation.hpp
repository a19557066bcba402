// SPDX-License-Identifier: Apache-2.0
// Where the parts of this installation lie: relative to the real executable, and nowhere else.
#pragma once

#include <string>

#include "common/result.hpp"

namespace regcred::core {

// Directories of a staged, installed or moved tree alike.
struct Installation {
  std::string executable;          // real path, symlinks resolved
  std::string library_directory;   // ../lib/regcred of it: host modules
  std::string backend_directory;   // ../lib/regcred/backends of it
  std::string schema_directory;    // ../share/regcred/schema of it: the JSON Schema of the configuration
  std::string template_directory;  // ../share/regcred/template of it: what `new-backend` starts from
};

// Resolves /proc/self/exe. Neither argv[0] nor any variable has an effect. Fails with ErrorCode::internal without
// /proc.
[[nodiscard]] Result<Installation> locate_installation();

}  // namespace regcred::core
