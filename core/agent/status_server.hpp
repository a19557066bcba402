// SPDX-License-Identifier: Apache-2.0
// A server for probes and Prometheus: GET only, plain HTTP/1.1, each connection for one request. No thread: the caller
// polls.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/unique_fd.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

struct StatusAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// What is served at a path, without its query.
using ServePath = std::function<StatusAnswer(const std::string &path)>;

// What comes is hostile: at most 32 connections, 4 KiB and 5 s for a request; more connections wait in the kernel.
class StatusServer {
 public:
  // Listens at "ADDRESS:PORT", "[::1]:PORT" or ":PORT" (every address, IPv4 and IPv6). Port 0: any free one. Fails with
  // ErrorCode::usage.
  [[nodiscard]] static Result<StatusServer> listen(const std::string &address, ServePath serve, Clock &clock);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  // Adds what is to be polled.
  void add_to(std::vector<pollfd> &polled) const;
  // Reads and writes what can be without waiting, and ends what takes too long. To be called after each poll().
  void turn();

 private:
  struct Connection {
    UniqueFd fd;
    std::int64_t end_ms = 0;
    std::string request;
    std::string response;  // what is left of it
    bool is_answered = false;
  };

  StatusServer(UniqueFd fd, std::uint16_t port, ServePath serve, Clock &clock)
      : fd_(std::move(fd)), port_(port), serve_(std::move(serve)), clock_(clock) {}
  void accept();
  // False: it is over.
  [[nodiscard]] bool advance(Connection &connection);

  UniqueFd fd_;
  std::uint16_t port_;
  ServePath serve_;
  Clock &clock_;
  std::list<Connection> connections_;
};

}  // namespace regcred::core
