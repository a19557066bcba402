// SPDX-License-Identifier: Apache-2.0
// Loads a built backend, so that what ships is what is tested.
#pragma once

#include <dlfcn.h>
#include <regcred/abi.h>

#include <stdexcept>
#include <string>

namespace regcred::test {

// The table of the backend in `path`; never unloaded. Throws std::runtime_error with the loader's reason.
[[nodiscard]] inline const regcred_backend_v1 &load_backend(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  void *symbol = dlsym(library, REGCRED_BACKEND_ENTRY_V1);
  if (symbol == nullptr) throw std::runtime_error(std::string(path) + ": no " REGCRED_BACKEND_ENTRY_V1);
  const auto entry = reinterpret_cast<const regcred_backend_v1 *(*)()>(symbol);
  return *entry();
}

}  // namespace regcred::test
