// SPDX-License-Identifier: Apache-2.0
// The kubelet of this node while an installation works: restarted by systemd, or by a command, and watched.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "node/installer.hpp"

namespace regcred::core {

// How long a kubelet has to come up, and how long it must then stay.
struct WatchTimes {
  std::int64_t limit_ms = 90'000;
  std::int64_t stable_ms = 15'000;
};

class NodeKubelet final : public KubeletControl {
 public:
  // `command`: instead of `systemctl --no-block restart UNIT`; empty: that.
  NodeKubelet(const HostRoot &root, Clock &clock, std::vector<std::string> command, WatchTimes times = {})
      : root_(root), clock_(clock), command_(std::move(command)), times_(times) {}

  // The unit of the kubelet, as soon as it is known.
  void set_unit(std::string name) { unit_ = std::move(name); }

  [[nodiscard]] std::string running() override;
  [[nodiscard]] Status judge(const std::string &program, const std::string &configuration) override;
  [[nodiscard]] Status restart() override;
  [[nodiscard]] Status watch(const std::string &before) override;

 private:
  [[nodiscard]] bool is_healthy() const;

  const HostRoot &root_;
  Clock &clock_;
  std::vector<std::string> command_;
  WatchTimes times_;
  std::string unit_ = "kubelet.service";
  bool expects_health_ = false;  // the kubelet before answered at /healthz
};

}  // namespace regcred::core
