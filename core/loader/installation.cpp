// SPDX-License-Identifier: Apache-2.0
#include "loader/installation.hpp"

namespace regcred::core {

Installation installation_of(const std::filesystem::path &executable) {
  namespace fs = std::filesystem;
  const fs::path directory = executable.parent_path();
  // guard: bundle-by-loader
  const bool is_bundle =
      executable.filename().string().starts_with("ld-linux") && directory.string().ends_with("/lib/regcred/runtime");
  const fs::path prefix = is_bundle ? directory.parent_path().parent_path().parent_path() : directory.parent_path();
  const fs::path library = prefix / "lib" / "regcred";
  const fs::path share = prefix / "share" / "regcred";
  return {(is_bundle ? prefix / "bin" / "regcred" : executable).string(),
          library.string(),
          (library / "backends").string(),
          (share / "schema").string(),
          (share / "template").string(),
          is_bundle};
}

Result<Installation> locate_installation() {
  std::error_code error;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return fail(ErrorCode::internal, "/proc/self/exe", "cannot be read: " + error.message(), "mount /proc");
  }
  return installation_of(executable);
}

}  // namespace regcred::core
