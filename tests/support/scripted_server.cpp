// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <stdexcept>

namespace regcred::testing {
namespace {

constexpr int poll_ms = 20;

std::size_t content_length(const std::string &head) {
  for (const char *name : {"Content-Length: ", "content-length: "}) {
    if (const std::size_t at = head.find(name); at != std::string::npos) return std::stoul(head.substr(at + 16));
  }
  return 0;
}

sockaddr_in loopback_address(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_in6 loopback_address_v6() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return address;
}

// A listening socket, or -1.
template <class Address>
int listen_at(const Address &address) {
  const auto *const generic = reinterpret_cast<const sockaddr *>(&address);
  const int fd = ::socket(generic->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::bind(fd, generic, sizeof address) == 0 && ::listen(fd, 1024) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Connection::~Connection() {
  if (ssl_ != nullptr) {
    if (!was_reset_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
  ::close(fd_);
}

bool Connection::accept_tls() {
  ssl_ = SSL_new(server_.tls_.get());
  SSL_set_fd(ssl_, fd_);
  return SSL_accept(ssl_) == 1;
}

long Connection::read_some(char *bytes, std::size_t size) {
  return ssl_ != nullptr ? SSL_read(ssl_, bytes, static_cast<int>(size)) : ::read(fd_, bytes, size);
}

std::string Connection::read_request() {
  std::string request;
  std::size_t whole = std::string::npos;
  while (request.size() < whole) {
    char bytes[4096];
    const long size = read_some(bytes, sizeof bytes);
    if (size <= 0) break;
    request.append(bytes, static_cast<std::size_t>(size));
    if (const std::size_t end = request.find("\r\n\r\n"); end != std::string::npos) {
      whole = end + 4 + content_length(request.substr(0, end));
    }
  }
  if (request.empty()) return request;  // the peer ended after the handshake
  const std::lock_guard lock(server_.mutex_);
  server_.requests_.push_back(request);
  return request;
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::stall() {
  while (!server_.stopping_) {
    pollfd peer{fd_, POLLIN | POLLRDHUP, 0};
    if (::poll(&peer, 1, poll_ms) <= 0) continue;
    char bytes[4096];
    if ((peer.revents & (POLLHUP | POLLERR | POLLRDHUP)) != 0 || ::recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT) == 0)
      return;
  }
}

void Connection::reset() {
  const linger at_once{1, 0};  // the close in the destructor then sends RST (socket(7))
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  was_reset_ = true;
}

void Connection::tunnel_to(int port) {
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_address(port);
  bool open = ::connect(target, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
  std::array<char, 16384> bytes{};  // no less than one record of TLS: nothing stays in it unseen
  while (open && !server_.stopping_) {
    std::array<pollfd, 2> ends = {pollfd{fd_, POLLIN, 0}, pollfd{target, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), poll_ms) <= 0) continue;
    if (ends[0].revents != 0) {
      const long size = read_some(bytes.data(), bytes.size());
      open = size > 0 && ::send(target, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
    }
    if (open && ends[1].revents != 0) {
      const long size = ::recv(target, bytes.data(), bytes.size(), 0);
      open = size > 0 && send({bytes.data(), static_cast<std::size_t>(size)});
    }
  }
  ::close(target);
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) { listen_and_serve(Loopback::v4); }

ScriptedServer::ScriptedServer(const Identity &identity, Script script, int version_max, Loopback loopback)
    : script_(std::move(script)) {
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(tls_.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(tls_.get(), identity.key.get());
  if (version_max != 0) {
    // Debian's OpenSSL speaks the old versions only at security level 0.
    SSL_CTX_set_security_level(tls_.get(), 0);
    SSL_CTX_set_min_proto_version(tls_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_.get(), version_max);
  }
  listen_and_serve(loopback);
}

void ScriptedServer::listen_and_serve(Loopback loopback) {
  std::signal(SIGPIPE, SIG_IGN);
  listen_fd_ = loopback == Loopback::v4 ? listen_at(loopback_address(0)) : listen_at(loopback_address_v6());
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (listen_fd_ < 0 || ::getsockname(listen_fd_, reinterpret_cast<sockaddr *>(&bound), &size) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port_ = ntohs(loopback == Loopback::v4 ? reinterpret_cast<sockaddr_in &>(bound).sin_port
                                         : reinterpret_cast<sockaddr_in6 &>(bound).sin6_port);
  accept_thread_ = std::thread([this] {
    while (!stopping_) {
      pollfd waiting{listen_fd_, POLLIN, 0};
      if (::poll(&waiting, 1, poll_ms) <= 0) continue;
      const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const int number = ++connections_;
      join_finished();
      Served &served = served_.emplace_back();
      served.thread = std::thread([this, fd, number, &served] {
        serve(fd, number);
        served.finished = true;
      });
    }
  });
}

// A server may see many thousand connections: their threads must not pile up.
void ScriptedServer::join_finished() {
  for (auto served = served_.begin(); served != served_.end();) {
    if (!served->finished) {
      ++served;
      continue;
    }
    served->thread.join();
    served = served_.erase(served);
  }
}

void ScriptedServer::serve(int fd, int number) {
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int yes = 1;  // what a script sends is on its way before the script goes on
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  Connection connection(fd, number, *this);
  if (tls_ && !connection.accept_tls()) return;
  script_(connection);
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  accept_thread_.join();
  for (Served &served : served_) served.thread.join();
  ::close(listen_fd_);
}

std::vector<std::string> ScriptedServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string ScriptedServer::url(const std::string &path) const {
  return "https://localhost:" + std::to_string(port_) + path;
}

std::string http_response(int status, const std::string &body, const std::string &headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

ScriptedServer::Script answering(std::string response) {
  return [response = std::move(response)](Connection &connection) {
    connection.read_request();
    connection.send(response);
  };
}

ScriptedServer::Script passing_to(const ScriptedServer &server, std::string authorization) {
  return [&server, authorization = std::move(authorization)](Connection &connection) {
    if (connection.read_request().find(authorization) == std::string::npos) {
      connection.send(http_response(407, "", "Proxy-Authenticate: Basic realm=\"p\"\r\n"));
      return;
    }
    connection.send("HTTP/1.1 200 Connection established\r\n\r\n");
    connection.tunnel_to(server.port());
  };
}

}  // namespace regcred::testing
