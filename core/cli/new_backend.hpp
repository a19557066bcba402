// SPDX-License-Identifier: Apache-2.0
// `regcred new-backend`: a complete project for a backend, made from the installed template. The template is a project
// that builds and passes its tests unchanged, under the name acme-registry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// The forms of a backend's name in a project.
struct BackendNames {
  std::string name;        // acme-registry: the backend and its files
  std::string identifier;  // acme_registry: a part of C identifiers
  std::string type;        // AcmeRegistry: a part of C++ type names
};

// One file of a project. `path` is relative to its directory.
struct ProjectFile {
  std::string path;
  std::string text;
};

// The forms of `name`. Fails with ErrorCode::usage unless it is a backend's name: [a-z][a-z0-9-]{0,62}.
[[nodiscard]] Result<BackendNames> backend_names(std::string_view name);

// `text` with the template's names replaced by `names`.
[[nodiscard]] std::string renamed(std::string text, const BackendNames &names);

// Every regular file below `directory`, by path. Fails with ErrorCode::internal when there is none, or one cannot be
// read.
[[nodiscard]] Result<std::vector<ProjectFile>> read_template(const std::string &directory);

// Writes `files` (mode 0644, directories 0755: it is source to be shared) into `directory`, which is made unless it
// exists and is empty. No file is ever replaced. On failure everything that was made is removed: ErrorCode::usage when
// `directory` is not empty or not a directory, ErrorCode::internal for everything else.
[[nodiscard]] Status write_project(const std::vector<ProjectFile> &files, const std::string &directory);

}  // namespace regcred::core
