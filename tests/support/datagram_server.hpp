// SPDX-License-Identifier: Apache-2.0
// A local log for tests: a datagram socket at a path.
#pragma once

#include <string>
#include <vector>

namespace regcred::testing {

// Listens from construction on; the socket is removed at the end. Throws std::runtime_error when it cannot.
class DatagramServer {
 public:
  explicit DatagramServer(std::string path);
  ~DatagramServer();
  DatagramServer(const DatagramServer &) = delete;
  DatagramServer &operator=(const DatagramServer &) = delete;

  [[nodiscard]] const std::string &path() const { return path_; }
  // What has arrived since the last call; does not wait.
  [[nodiscard]] std::vector<std::string> received();

 private:
  std::string path_;
  int fd_;
};

}  // namespace regcred::testing
