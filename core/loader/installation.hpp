// SPDX-License-Identifier: Apache-2.0
// Where the parts of this installation lie: relative to the real executable, and nowhere else. In a bundle
// (config/packaging) that is its own dynamic loader, lib/regcred/runtime/ld-linux*, and bin/regcred starts it.
#pragma once

#include <filesystem>
#include <string>

#include "common/result.hpp"

namespace regcred::core {

// Directories of a staged, installed or moved tree alike.
struct Installation {
  std::string executable;          // real path of bin/regcred, symlinks resolved
  std::string library_directory;   // ../lib/regcred of it: host modules
  std::string backend_directory;   // ../lib/regcred/backends of it
  std::string schema_directory;    // ../share/regcred/schema of it: the JSON Schema of the configuration
  std::string template_directory;  // ../share/regcred/template of it: what `new-backend` starts from
  bool is_bundle = false;          // its own libc and libstdc++ are used, and no library of the node
};

// The installation that the running program `executable` (a real path) belongs to.
[[nodiscard]] Installation installation_of(const std::filesystem::path &executable);

// Resolves /proc/self/exe. Neither argv[0] nor any variable has an effect. Fails with ErrorCode::internal without
// /proc.
[[nodiscard]] Result<Installation> locate_installation();

}  // namespace regcred::core
