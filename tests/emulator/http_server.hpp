// SPDX-License-Identifier: Apache-2.0
// HTTP servers on loopback, each in a thread of its own.
#pragma once

#include <httplib.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace regcred::emulator {

// Start after the handlers are set; stops when destroyed. Server: httplib::Server or httplib::SSLServer.
template <class Server>
class RunningServer {
 public:
  template <class... Arguments>
  explicit RunningServer(Arguments... arguments) : server_(arguments...) {}
  ~RunningServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  RunningServer(const RunningServer &) = delete;
  RunningServer &operator=(const RunningServer &) = delete;

  [[nodiscard]] httplib::Server &http() { return server_; }

  // Port 0: any that is free. Gives the port, or throws std::runtime_error.
  int start(const std::string &address = "127.0.0.1", int port = 0) {
    server_.set_tcp_nodelay(true);
    if (port == 0) {
      port = server_.bind_to_any_port(address);
    } else if (!server_.bind_to_port(address, port)) {
      port = -1;
    }
    if (port <= 0) throw std::runtime_error("cannot listen on " + address);
    server_.lengthen_queue();
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    return port;
  }

 private:
  // The library's queue of waiting connections is 5 long: hundreds of plugins at once would be dropped and wait.
  class LongQueue : public Server {
   public:
    using Server::Server;
    void lengthen_queue() { ::listen(this->svr_sock_, 1024); }
  };

  LongQueue server_;
  std::thread thread_;
};

using PlainServer = RunningServer<httplib::Server>;
using TlsServer = RunningServer<httplib::SSLServer>;

}  // namespace regcred::emulator
