// SPDX-License-Identifier: Apache-2.0
#include "cli/node/node_work.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "node/environment_file.hpp"
#include "services/clock/timed_lock.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t lock_ms_max = 60'000;
constexpr std::int64_t lock_look_ms = 200;

std::vector<std::string> command_of(const std::string &restart) {
  return restart == "auto" || restart == "never" ? std::vector<std::string>() : argument_words(restart);
}

// The lock is on the directory of the state, which is made.
Result<UniqueFd> lock_node(const HostRoot &root, NodeFiles &files, Clock &clock) {
  if (Status made = make_directories(files, root, installed_state_directory); !made) {
    return tl::make_unexpected(made.error());
  }
  Result<UniqueFd> directory = root.open_trusted_directory(installed_state_directory);
  if (!directory) return directory;
  const int taken = lock_until(directory->get(), clock, lock_look_ms, {clock.monotonic_ms() + lock_ms_max});
  if (taken == EWOULDBLOCK) {
    return fail(ErrorCode::deadline, root.here(installed_state_directory), "is locked by another `regcred node`",
                "wait for its end");
  }
  if (taken != 0) {
    return fail(ErrorCode::internal, root.here(installed_state_directory),
                std::string("cannot be locked: ") + std::strerror(taken), "see the file system that it lies on");
  }
  return directory;
}

}  // namespace

void add_restart_option(ArgumentParser &parser, std::string &restart) {
  parser.add("--restart", restart, "Restart the kubelet when it must be: auto, never, or by a command")
      .value_name("COMMAND");
}

std::string result_words(const InstallResult &result) {
  if (!result.waiting.empty()) return "restart the kubelet: " + result.waiting;
  return result.restarted ? "the kubelet was restarted and runs" : "the kubelet need not be restarted";
}

NodeWork::NodeWork(const std::string &host_root, const std::string &restart, Clock &clock)
    : root(host_root),
      restart_mode(restart == "never" ? RestartMode::never : RestartMode::automatic),
      files(root),
      kubelet(root, clock, command_of(restart)),
      installer(root, files, kubelet),
      clock_(clock) {}

Status NodeWork::begin() {
  if (::geteuid() != 0)
    return fail(ErrorCode::usage, "regcred node", "needs root to change this node", "run it as root");
  Result<UniqueFd> lock = lock_node(root, files, clock_);
  if (!lock) return tl::make_unexpected(lock.error());
  lock_ = std::move(*lock);
  const Result<InstalledState> state = read_installed_state(root);
  if (!state) return tl::make_unexpected(state.error());
  if (!state->unit.empty()) kubelet.set_unit(state->unit);
  return installer.recover();
}

}  // namespace regcred::core
