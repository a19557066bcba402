// SPDX-License-Identifier: Apache-2.0
// A registry configuration that lies in volumes of a pod (ConfigMap, Secret), followed on the node.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/event_poster.hpp"
#include "common/result.hpp"
#include "node/node_files.hpp"

namespace regcred::core {

struct FollowedPlaces {
  std::string configuration;  // a directory of registry files; empty: none is followed
  std::string secrets;        // a directory of secret files; empty: none are
  std::string into;           // the node's directory, absolute: /etc/regcred
};

// Whether the configuration in this directory (*.yaml) may be used. Fails with the first reason why not.
using JudgeConfig = std::function<Status(const std::string &directory)>;

// config.yaml becomes INTO/config.yaml, NAME.yaml INTO/config.d/NAME.yaml, a secret INTO/secrets/NAME with mode 0600.
// INTO/.regcred-agent lists what was put there, so that what goes in the volumes goes on the node.
class ConfigFollower {
 public:
  ConfigFollower(FollowedPlaces places, JudgeConfig judge, Say say, HostRoot root = HostRoot());

  // Compares the volumes with the node, and puts what differs: secrets first, then the configuration, when `judge`
  // takes it together with what else lies on the node; at last what is gone in the volumes. Each file is replaced in
  // one step. A configuration that is refused changes no file of it; it is not judged again before it changes. Gives
  // whether something was put. Limits: 256 files in each volume, 64 KiB for a secret, 16 MiB for another file, 32 MiB
  // together.
  [[nodiscard]] bool look();

  // Why the configuration of the volumes is not the node's; empty when it is.
  [[nodiscard]] const std::string &obstacle() const noexcept { return obstacle_; }

 private:
  struct File {
    std::string text;
    unsigned mode = 0644;
  };
  using Files = std::map<std::string, File>;  // by place below `into`

  [[nodiscard]] Status follow(bool &changed);
  [[nodiscard]] Result<Files> configuration_files() const;
  [[nodiscard]] Result<Files> secret_files() const;
  [[nodiscard]] bool is_there(const std::string &place, const File &file) const;
  [[nodiscard]] Status put_secret(const std::string &path, const std::string &text);
  [[nodiscard]] Status put(const Files &files, bool &changed);
  [[nodiscard]] Status judge_staged(const Files &files, const std::vector<std::string> &ours);
  [[nodiscard]] Status remove_gone(const Files &wanted, const std::vector<std::string> &ours, bool &changed);
  [[nodiscard]] std::vector<std::string> listed() const;
  [[nodiscard]] Status list(const Files &wanted);
  [[nodiscard]] std::string on_node(const std::string &place) const { return places_.into + '/' + place; }
  [[nodiscard]] std::string here(const std::string &place) const { return root_.here(on_node(place)); }

  FollowedPlaces places_;
  JudgeConfig judge_;
  Say say_;
  HostRoot root_;
  RealNodeFiles files_{root_};
  std::string refused_;  // digest of what was judged last and refused
  std::string reason_;   // why
  std::string obstacle_;
};

}  // namespace regcred::core
