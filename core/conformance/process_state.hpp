// SPDX-License-Identifier: Apache-2.0
// The state of the process that a backend must not change.
#pragma once

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace regcred::conformance {

// The state at one moment, in forms that can be compared and shown.
struct ProcessState {
  std::vector<std::string> environment;    // NAME=value, sorted
  std::string directory;                   // getcwd
  unsigned mask = 0;                       // umask
  std::string locale;                      // setlocale(LC_ALL)
  std::map<int, std::string> signals;      // handler and flags of each signal, and whether it is blocked
  std::map<int, std::string> descriptors;  // what each open descriptor refers to
  std::size_t threads = 0;
  bool children = false;  // a child process, or an orphan of one

  // Reads the state of this process. Makes it the reaper of orphans, so that grandchildren are found.
  [[nodiscard]] static ProcessState now();
};

// One sentence per kind of difference, empty when there is none. A variable's name is given, its value never.
[[nodiscard]] std::string environment_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string directory_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string mask_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string locale_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string signal_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string descriptor_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string thread_change(const ProcessState &before, const ProcessState &after);
[[nodiscard]] std::string child_change(const ProcessState &before, const ProcessState &after);

// Replaces descriptors 0, 1 and 2 during its lifetime, and counts what is written to them.
class OutputWatch {
 public:
  OutputWatch();
  ~OutputWatch();
  OutputWatch(const OutputWatch &) = delete;
  OutputWatch &operator=(const OutputWatch &) = delete;

  // "wrote 12 bytes to descriptor 1", or empty. Unflushed data of C streams counts, too.
  [[nodiscard]] std::string change() const;

 private:
  std::vector<core::UniqueFd> files_;
  std::vector<core::UniqueFd> saved_;
};

}  // namespace regcred::conformance
