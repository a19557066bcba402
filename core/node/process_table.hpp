// SPDX-License-Identifier: Apache-2.0
// The node's processes, as /proc shows them. Every process may write its own name and arguments: they are hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"

namespace regcred::core {

struct Process {
  int id = 0;
  int parent = 0;
  bool is_roots = false;       // runs as root
  std::string name;            // of its executable's file; the kernel's short name where that is not known
  std::string executable;      // on the node; empty when it is not known
  bool is_replaced = false;    // its executable's file was removed or replaced since it started
  std::int64_t started_s = 0;  // Unix time; 0 when it is not known
};

// Fails with ErrorCode::usage when the root has no /proc with process 1, or more processes than are plausible.
[[nodiscard]] Result<std::vector<Process>> read_processes(const HostRoot &root);

// Fail with ErrorCode::usage when the process has ended, may not be read, or has more than 2 MiB.
[[nodiscard]] Result<std::vector<std::string>> read_arguments(const HostRoot &root, const Process &process);
[[nodiscard]] Result<Variables> read_variables(const HostRoot &root, const Process &process);

}  // namespace regcred::core
