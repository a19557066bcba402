// SPDX-License-Identifier: Apache-2.0
// What the process that works does: one turn at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/agent.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {

class AgentWork {
 public:
  explicit AgentWork(const AgentParts &parts);

  // Follows the configuration, and asks about the node.
  void look();
  // Posts from the spool (EventPoster::work).
  [[nodiscard]] std::optional<std::int64_t> post();
  [[nodiscard]] AgentState state() const;
  // Why the configuration of the volumes is not that of the node; or empty.
  [[nodiscard]] const std::string &followed() const noexcept { return follower_.obstacle(); }

  // Forever: turns, and a line of the state into `state_fd` after each that changed it, and at least once a minute.
  void run(int state_fd);

 private:
  void watch();
  // Waits for a file of the spool or a change of a volume. Gives whether it was a volume.
  [[nodiscard]] bool wait(std::int64_t ms_max) const;

  const AgentParts &parts_;
  ConfigFollower follower_;
  EventPoster poster_;
  AgentSettings settings_;
  std::string node_obstacle_;
  std::string spool_obstacle_;
  UniqueFd watches_;
  int spool_watch_ = -1;
};

}  // namespace regcred::core
