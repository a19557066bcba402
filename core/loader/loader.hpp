// SPDX-License-Identifier: Apache-2.0
// Finds, trusts and loads a backend. Loading happens in a worker only; files are opened and checked also in the parent.
#pragma once

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "loader/handshake.hpp"

namespace regcred::core {

// A backend whose table was checked. The shared object stays mapped until the process ends.
struct LoadedBackend {
  const regcred_backend_v1 *table = nullptr;
  BackendDescription description;
  std::string path;
  std::unique_ptr<boost::dll::shared_library> library;
};

// A backend's file, opened and checked but not loaded.
struct BackendFile {
  std::string path;
  UniqueFd fd;
};

// Searches `directories` in order: the installation's own first, then those of the configuration.
class BackendLoader {
 public:
  explicit BackendLoader(std::vector<std::string> directories) : directories_(std::move(directories)) {}

  // Opens NAME.so. `name` is checked again here (F4): letters, digits and '-', never a path. Fails with
  // ErrorCode::backend_load: not found (with the places and what is there), a directory that cannot be read, or not
  // trusted (F1, F2).
  [[nodiscard]] Result<BackendFile> open(std::string_view name) const;

  // Opens, compares the SHA-256 when `sha256_hex` is not empty (F5), loads exactly the opened file (F3: by
  // /proc/self/fd, so that a swap of the name has no effect) with RTLD_NOW | RTLD_LOCAL, and checks its table. Fails
  // with ErrorCode::backend_load: file, expected, found and cure (F7).
  [[nodiscard]] Result<LoadedBackend> load(std::string_view name, std::string_view sha256_hex) const;

  // The names of all backends in the directories, sorted, each once.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::vector<std::string> directories_;
};

}  // namespace regcred::core
