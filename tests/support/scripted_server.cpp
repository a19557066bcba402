#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
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

}  // namespace

Connection::~Connection() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);
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

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) { listen_and_serve(); }

ScriptedServer::ScriptedServer(const Identity &identity, Script script, int version_max) : script_(std::move(script)) {
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(tls_.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(tls_.get(), identity.key.get());
  if (version_max != 0) {
    // Debian's OpenSSL speaks the old versions only at security level 0.
    SSL_CTX_set_security_level(tls_.get(), 0);
    SSL_CTX_set_min_proto_version(tls_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_.get(), version_max);
  }
  listen_and_serve();
}

void ScriptedServer::listen_and_serve() {
  std::signal(SIGPIPE, SIG_IGN);
  listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto *const generic = reinterpret_cast<sockaddr *>(&address);
  if (::bind(listen_fd_, generic, size) != 0 || ::listen(listen_fd_, 64) != 0 ||
      ::getsockname(listen_fd_, generic, &size) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  accept_thread_ = std::thread([this] {
    while (!stopping_) {
      pollfd waiting{listen_fd_, POLLIN, 0};
      if (::poll(&waiting, 1, poll_ms) <= 0) continue;
      const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const int number = ++connections_;
      connection_threads_.emplace_back([this, fd, number] { serve(fd, number); });
    }
  });
}

void ScriptedServer::serve(int fd, int number) {
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Connection connection(fd, number, *this);
  if (tls_ && !connection.accept_tls()) return;
  script_(connection);
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  accept_thread_.join();
  for (std::thread &thread : connection_threads_) thread.join();
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

}  // namespace regcred::testing
