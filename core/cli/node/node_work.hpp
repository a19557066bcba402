// SPDX-License-Identifier: Apache-2.0
// What every command that changes the node works with: its files, its kubelet, and the right to be the only one.
#pragma once

#include <string>

#include "cli/node/node_kubelet.hpp"
#include "cli/options.hpp"
#include "common/unique_fd.hpp"
#include "node/installer.hpp"

namespace regcred::core {

// --restart: auto, never or a command.
void add_restart_option(ArgumentParser &parser, std::string &restart);

// "the kubelet was restarted and runs".
[[nodiscard]] std::string result_words(const InstallResult &result);

class NodeWork {
 public:
  NodeWork(const std::string &host_root, const std::string &restart, Clock &clock);

  // Takes the node's lock, waiting for another one at most a minute, and finishes or undoes what an earlier run left.
  // Fails with ErrorCode::usage for anybody but root; with ErrorCode::deadline when the lock is not given up.
  [[nodiscard]] Status begin();

  const HostRoot root;
  const RestartMode restart_mode;
  RealNodeFiles files;
  NodeKubelet kubelet;
  Installer installer;

 private:
  Clock &clock_;
  UniqueFd lock_;
};

}  // namespace regcred::core
