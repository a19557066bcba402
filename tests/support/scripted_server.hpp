// A server on loopback that says exactly the bytes a test wants, over TLS or in the clear, one thread per connection.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
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
  // False when the peer did not want to.
  bool accept_tls();
  // Head and, by its Content-Length, body of one request; what came so far when the peer ended. The server keeps it.
  std::string read_request();
  // False when the peer is gone.
  bool send(std::string_view bytes);
  // Returns when the peer ends the connection, or the server stops.
  void stall();

 private:
  long read_some(char *bytes, std::size_t size);

  int fd_;
  int number_;
  SSL *ssl_ = nullptr;
  ScriptedServer &server_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Connection &)>;

  // Plain TCP: the script sees the connection as it was accepted.
  explicit ScriptedServer(Script script);
  // Over TLS of at most `version_max` (0: no limit): the script runs after the handshake.
  ScriptedServer(const Identity &identity, Script script, int version_max = 0);
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
  void listen_and_serve();
  void serve(int fd, int number);

  Script script_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr, &SSL_CTX_free};
  int listen_fd_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> connection_threads_;
  std::thread accept_thread_;
};

// One response: status line, Content-Length, `headers` (each with its line end), `body`.
[[nodiscard]] std::string http_response(int status, const std::string &body, const std::string &headers = "");

// The script that answers every request with `response`.
[[nodiscard]] ScriptedServer::Script answering(std::string response);

}  // namespace regcred::testing
