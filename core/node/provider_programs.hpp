// SPDX-License-Identifier: Apache-2.0
// The programs that the kubelet starts: a file in its bin directory for each provider.
#pragma once

#include <string>
#include <vector>

#include "cluster/provider_config.hpp"
#include "common/finding.hpp"
#include "common/host_root.hpp"

namespace regcred::core {

struct ProgramPlace {
  const HostRoot &root;
  std::string bin_directory;   // on the node
  std::string own_executable;  // of this program, here
};

// Checks the program of each provider, and sets `is_regcred` of the providers whose program is known. Rules:
//   bin-directory        is not there, or not a directory: error; others may write to it: warning
//   program-missing      no such file: error, since the kubelet does not start
//   program-mode         a directory, not executable, or on a file system without execution: error
//   program-interpreter  the interpreter of a script or the loader of a binary is not there: error
//   program-copy         a copy of this program outside its installation, so that it finds no backend: error
//   program-other        it is named regcred, but is another program: error
//   program-trust        others may replace it: warning
void judge_programs(ProviderConfig &kubelet, const ProgramPlace &place, std::vector<Finding> &findings);

}  // namespace regcred::core
