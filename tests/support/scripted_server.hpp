// SPDX-License-Identifier: Apache-2.0
// A server on loopback that sends exactly the bytes a test wants, over TLS or plain TCP, one thread per connection.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.hpp"

namespace regcred::testing {

class ScriptedServer;

// One accepted connection, as a script sees it.
class Connection {
 public:
  Connection(int fd, int number, ScriptedServer &server) : fd_(fd), number_(number), server_(server) {}
  ~Connection();
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  [[nodiscard]] int number() const { return number_; }  // from 1
  // False when the peer refused.
  bool accept_tls();
  // Head and, by its Content-Length, body of one request; what arrived when the peer ended the connection. The server
  // keeps it.
  std::string read_request();
  // False when the peer is gone.
  bool send(std::string_view bytes);
  // Returns when the peer ends the connection, or the server stops.
  void stall();
  // Ends the connection now and with RST, as a host that was restarted does: no end of TLS, no end of the stream. What
  // was sent before still arrives.
  void reset();
  // What a proxy does after CONNECT: carries bytes between the peer and 127.0.0.1:`port` until one of them ends.
  void tunnel_to(int port);

 private:
  long read_some(char *bytes, std::size_t size);

  int fd_;
  int number_;
  SSL *ssl_ = nullptr;
  bool was_reset_ = false;
  ScriptedServer &server_;
};

enum class Loopback { v4, v6 };  // 127.0.0.1 or ::1

class ScriptedServer {
 public:
  using Script = std::function<void(Connection &)>;

  // Plain TCP: the script sees the connection as it was accepted.
  explicit ScriptedServer(Script script);
  // Over TLS of at most `version_max` (0: no limit): the script runs after the handshake.
  // Throws std::runtime_error when it cannot listen, as on a machine without IPv6.
  ScriptedServer(const Identity &identity, Script script, int version_max = 0, Loopback loopback = Loopback::v4);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer &) = delete;
  ScriptedServer &operator=(const ScriptedServer &) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string &path = "/") const;  // https://localhost:PORT/...
  [[nodiscard]] int connections() const { return connections_; }
  // Every request read so far, in order.
  [[nodiscard]] std::vector<std::string> requests();

 private:
  friend class Connection;
  void listen_and_serve(Loopback loopback);
  void serve(int fd, int number);
  void join_finished();

  struct Served {
    std::atomic<bool> finished{false};
    std::thread thread = {};
  };

  Script script_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, &SSL_CTX_free};
  int listen_fd_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::list<Served> served_;  // the accepting thread's, until it has ended
  std::thread accept_thread_;
};

// One response: status line, Content-Length, `headers` (each with its line end), `body`.
[[nodiscard]] std::string http_response(int status, const std::string &body, const std::string &headers = "");

// The script that answers every request with `response`.
[[nodiscard]] ScriptedServer::Script answering(std::string response);

// The script of a proxy that connects clients with `authorization` (every client, when that is empty) to `server`, and
// answers 407 to others.
[[nodiscard]] ScriptedServer::Script passing_to(const ScriptedServer &server, std::string authorization = "");

}  // namespace regcred::testing
