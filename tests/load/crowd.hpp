// SPDX-License-Identifier: Apache-2.0
// Many processes at once, as a kubelet starts them when many pods arrive: how each ended, how long it took and how much
// memory it needed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace regcred::testing {

struct Finished {
  int number = 0;   // as given to start()
  int status = -1;  // exit status; 128 + signal when killed
  std::string out;
  std::string err;
  double wall_ms = 0;
  long peak_kib = 0;  // of the largest process; a child of this one begins with the size of its parent
};

class Crowd {
 public:
  // `aside`: children of this process that are none of the crowd. Raises the limit of open files as far as it goes.
  explicit Crowd(const std::set<pid_t> &aside);
  // Kills and reaps what is left.
  ~Crowd();
  Crowd(const Crowd &) = delete;
  Crowd &operator=(const Crowd &) = delete;

  // argv[0] is the path; the environment is empty. Throws std::runtime_error when there are no more processes or files.
  void start(int number, const std::vector<std::string> &argv, const std::string &input);
  // Waits for whoever ends next. Throws std::runtime_error when nobody runs, or one of `aside` has ended.
  [[nodiscard]] Finished wait_for_one();

  [[nodiscard]] std::size_t running() const { return running_.size(); }
  // Processes of the crowd's processes that went on after these had ended: they come to this process
  // (PR_SET_CHILD_SUBREAPER). regcred kills its worker and waits a second at most for its end, so on a machine with too
  // little time for all there may be some that end a moment later. Waits for them, ten seconds at most; gives how many
  // stay. To be called when nobody runs any more.
  [[nodiscard]] int left_behind();
  // Those of them that ended by themselves.
  [[nodiscard]] int ended_late() const { return ended_late_; }

 private:
  struct Running {
    int number;
    int out_fd;
    int err_fd;
    std::chrono::steady_clock::time_point since;
  };

  std::set<pid_t> aside_;
  std::map<pid_t, Running> running_;
  int ended_late_ = 0;
};

}  // namespace regcred::testing
