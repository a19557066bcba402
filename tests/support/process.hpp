// SPDX-License-Identifier: Apache-2.0
// Runs a program as the kubelet would: bytes in, bytes out, exit status, and how long the pipes stayed open.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace regcred::testing {

struct ProcessOutput {
  int status = -1;  // exit status; 128 + signal when killed
  std::string out;
  std::string err;
  std::chrono::milliseconds until_eof{0};  // until every process has closed stdout and stderr
};

struct ProcessInput {
  std::vector<std::string> argv;  // argv[0] is the path
  std::string in = {};
  std::vector<std::pair<std::string, std::string>> environment = {};  // all of it: nothing is inherited
};

// Starts, writes `in`, reads both outputs to their ends, waits. Throws std::runtime_error when it cannot start.
[[nodiscard]] ProcessOutput run_process(const ProcessInput &input);

// A directory that is removed with all its content at the end. Mode 0700, so that it passes the rules of trust.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

  [[nodiscard]] const std::string &path() const { return path_; }
  // Writes a file (parents are made) and gives its path.
  std::string write(const std::string &name, const std::string &content, unsigned mode = 0600) const;

 private:
  std::string path_;
};

}  // namespace regcred::testing
