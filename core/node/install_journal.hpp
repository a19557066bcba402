// SPDX-License-Identifier: Apache-2.0
// What the kubelet's files, and the registry files that belong to them, were before an installation changed them: kept
// on the node until the kubelet runs with the new ones, so that a later run can finish or undo what was interrupted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/node_files.hpp"

namespace regcred::core {

struct InstallJournal {
  struct File {
    std::string path;                  // on the node
    std::optional<std::string> bytes;  // before; nothing: it was not there
  };
  std::vector<File> files;      // in the order of the changes
  std::string unread_by;        // the kubelet's process before (process_identity)
  std::string digest;           // of the new content (InstallPlan)
  bool is_rolled_back = false;  // the old bytes are being put back
};

// Nothing without a journal. Fails with ErrorCode::config when it is damaged.
[[nodiscard]] Result<std::optional<InstallJournal>> read_journal(const HostRoot &root);

// In one step: a journal is there with all of its bytes, or not at all.
[[nodiscard]] Status write_journal(NodeFiles &files, const InstallJournal &journal);
[[nodiscard]] Status remove_journal(NodeFiles &files);

}  // namespace regcred::core
