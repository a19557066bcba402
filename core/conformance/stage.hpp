// SPDX-License-Identifier: Apache-2.0
// What checks start from: the backend, loaded into this process, and the success case.
#pragma once

#include <functional>
#include <string>

#include "conformance/check.hpp"
#include "conformance/life.hpp"

namespace regcred::conformance {

// The function that a shared object exports, or why there is none.
struct OpenedFile {
  decltype(&regcred_backend_entry_v1) entry = nullptr;
  std::string fault = {};  // the dynamic linker's words
};

// Loads the file with RTLD_NOW | RTLD_LOCAL. It is never unloaded: the process of the check ends soon.
[[nodiscard]] OpenedFile open_file(const std::string &path);

// A backend on its stage.
struct Stage {
  const Subject &subject;
  const Progress &progress;
  const regcred_backend_v1 &table;
  const Said &success;  // of the success case; empty in checks made by with_backend

  [[nodiscard]] Said live(const Scene &scene) const { return conformance::live(table, subject, scene, progress); }
};

using StageFunction = std::function<Verdict(const Stage &)>;

// Make a check from a function of a stage. The check is not applicable, with the reason, unless
CheckFunction with_backend(StageFunction judge);  // the file loads, the table is usable
CheckFunction with_success(StageFunction judge);  // ... and the success case succeeds
CheckFunction with_network(StageFunction judge);  // ... and makes a network call

}  // namespace regcred::conformance
