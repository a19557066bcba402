// SPDX-License-Identifier: Apache-2.0
// Carries out a plan so that the kubelet can start after every step of it.
#pragma once

#include <string>

#include "node/install_journal.hpp"
#include "node/install_outlook.hpp"
#include "node/removal_plan.hpp"

namespace regcred::core {

// The node's kubelet and programs while an installation works. Real: cli/node/kubelet_control.hpp.
class KubeletControl {
 public:
  KubeletControl() = default;
  KubeletControl(const KubeletControl &) = delete;
  KubeletControl &operator=(const KubeletControl &) = delete;
  virtual ~KubeletControl() = default;

  // The process that runs now (process_identity); empty when none does.
  [[nodiscard]] virtual std::string running() = 0;
  // Whether the program starts on the node, and finds nothing wrong with this configuration: paths of the node; an
  // empty one is the default place.
  [[nodiscard]] virtual Status judge(const std::string &program, const std::string &configuration) = 0;
  [[nodiscard]] virtual Status restart() = 0;
  // Waits until a kubelet runs that is another process than `before`, stays the same and is healthy. Fails with
  // ErrorCode::deadline and the reason.
  [[nodiscard]] virtual Status watch(const std::string &before) = 0;
};

enum class RestartMode { automatic, never };

// What an installation has done, for the message.
struct InstallResult {
  bool restarted = false;
  std::string waiting;  // why the kubelet has yet to be restarted; empty: it need not
};

class Installer {
 public:
  Installer(const HostRoot &root, NodeFiles &files, KubeletControl &kubelet)
      : root_(root), files_(files), kubelet_(kubelet) {}

  // What an earlier run left: a kubelet that runs with new files is watched, and they are kept; one that does not come
  // up gets the old bytes back. Nothing when nothing was left. To be called before the node is looked at.
  [[nodiscard]] Status recover();

  // Does what is not done yet. The plan must have no errors among its findings.
  //
  // Order: the new program, which judges the new configuration from a place beside; the link to it; state and journal;
  // registry files, links for the kubelet; the kubelet's file; its flags; restart and watch; at the end what is not
  // used any more is removed. Fails with ErrorCode::config before anything of the kubelet was changed; with
  // ErrorCode::deadline when the kubelet did not come up: the old bytes are then back, also those of the registry
  // files, and the content is remembered as rejected.
  [[nodiscard]] Result<InstallResult> install(const InstallPlan &plan, const InstallOutlook &outlook,
                                              const NodeFacts &facts, const OwnParts &own, RestartMode mode);

  // Takes everything away that is planned: the kubelet's files first, then it is restarted and watched, programs last.
  // Fails as install() does; nothing else is removed then. With RestartMode::never what the running kubelet still names
  // stays, and a later run removes it.
  [[nodiscard]] Result<InstallResult> remove(const RemovalPlan &plan, const NodeFacts &facts, RestartMode mode);

 private:
  struct Work {  // one installation
    const InstallPlan &plan;
    const InstallOutlook &outlook;
    const NodeFacts &facts;
    const OwnParts &own;
  };

  [[nodiscard]] Status put(const InstallStep &step);
  [[nodiscard]] Status put_from(const Work &work, InstallStep::Kind first, InstallStep::Kind last);
  [[nodiscard]] Status copy_tree(const InstallStep &step);
  [[nodiscard]] Status judge(const Work &work);
  [[nodiscard]] Status prepare_change(const Work &work);
  [[nodiscard]] Status keep_old_bytes(const std::vector<std::string> &paths, const std::string &unread_by,
                                      const std::string &digest);
  [[nodiscard]] Result<InstallResult> restart_and_watch(const std::string &why, RestartMode mode);
  [[nodiscard]] Status write_state(const InstalledState &state);
  [[nodiscard]] Status roll_back(InstallJournal journal, const std::string &reason);
  [[nodiscard]] Status finish(const Work &work, const std::string &old_tree);

  const HostRoot &root_;
  NodeFiles &files_;
  KubeletControl &kubelet_;
};

}  // namespace regcred::core
