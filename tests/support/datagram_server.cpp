// SPDX-License-Identifier: Apache-2.0
#include "support/datagram_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace regcred::testing {

DatagramServer::DatagramServer(std::string path)
    : path_(std::move(path)), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) throw std::runtime_error("path too long: " + path_);
  std::copy(path_.begin(), path_.end(), address.sun_path);
  if (::bind(fd_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
    throw std::runtime_error("bind: " + path_);
  }
}

DatagramServer::~DatagramServer() {
  ::close(fd_);
  ::unlink(path_.c_str());
}

std::vector<std::string> DatagramServer::received() {
  std::vector<std::string> datagrams;
  std::array<char, 65536> bytes{};
  for (;;) {
    const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) return datagrams;
    datagrams.emplace_back(bytes.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace regcred::testing
