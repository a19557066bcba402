// SPDX-License-Identifier: Apache-2.0
#include "loader/installation.hpp"

#include <filesystem>

namespace regcred::core {

Result<Installation> locate_installation() {
  std::error_code error;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return fail(ErrorCode::internal, "/proc/self/exe", "cannot be read: " + error.message(), "mount /proc");
  }
  const std::filesystem::path prefix = executable.parent_path().parent_path();
  const std::filesystem::path library = prefix / "lib" / "regcred";
  const std::filesystem::path share = prefix / "share" / "regcred";
  return Installation{executable.string(), library.string(), (library / "backends").string(),
                      (share / "schema").string(), (share / "template").string()};
}

}  // namespace regcred::core
