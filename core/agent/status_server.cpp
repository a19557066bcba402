// SPDX-License-Identifier: Apache-2.0
#include "agent/status_server.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t connections_max = 32;
constexpr std::size_t request_bytes_max = 4096;
constexpr std::int64_t connection_ms_max = 5'000;
constexpr int backlog = 64;

struct Place {
  std::string address;  // empty: all
  std::string port;
};

Result<Place> parse_place(const std::string &text) {
  const std::size_t colon = text.rfind(':');
  Place place{text.substr(0, colon == std::string::npos ? 0 : colon),
              colon == std::string::npos ? std::string() : text.substr(colon + 1)};
  const bool is_bracketed = place.address.size() > 2 && place.address.front() == '[' && place.address.back() == ']';
  if (is_bracketed) place.address = place.address.substr(1, place.address.size() - 2);
  const bool is_port = !place.port.empty() && place.port.size() <= 5 &&
                       place.port.find_first_not_of("0123456789") == std::string::npos &&
                       std::stoi(place.port) <= 65535;
  const bool is_place = is_port && (is_bracketed || place.address.find(':') == std::string::npos);
  if (is_place) return place;
  return fail(ErrorCode::usage, "--listen", in_quotes(text) + " is not [ADDRESS]:PORT",
              "write it like :9788, 127.0.0.1:9788 or [::1]:9788");
}

UniqueFd listening(const addrinfo &address) {
  constexpr int on = 1;
  constexpr int off = 0;
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return {};
  if (address.ai_family == AF_INET6 && ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) {
    return {};
  }
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0 || ::listen(fd.get(), backlog) != 0) return {};
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6 &>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in &>(address).sin_port);
}

std::string response_text(const StatusAnswer &answer) {
  const char *const words = answer.status == 200   ? "OK"
                            : answer.status == 404 ? "Not Found"
                            : answer.status == 405 ? "Method Not Allowed"
                            : answer.status == 503 ? "Service Unavailable"
                                                   : "Bad Request";
  return "HTTP/1.1 " + std::to_string(answer.status) + ' ' + words + "\r\nContent-Type: " + answer.type +
         "\r\nContent-Length: " + std::to_string(answer.body.size()) +
         "\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n" + answer.body;
}

// The answer to a whole head of a request.
StatusAnswer answer_to(const std::string &head, const ServePath &serve) {
  const std::string line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos || !line.substr(second + 1).starts_with("HTTP/1.")) {
    return {.status = 400, .body = "not a request of HTTP/1.1\n"};
  }
  if (line.substr(0, first) != "GET") return {.status = 405, .body = "GET only\n"};
  const std::string target = line.substr(first + 1, second - first - 1);
  return serve(target.substr(0, target.find('?')));
}

}  // namespace

Result<StatusServer> StatusServer::listen(const std::string &address, ServePath serve, Clock &clock) {
  const Result<Place> place = parse_place(address);
  if (!place) return tl::make_unexpected(place.error());
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  int reason = EADDRNOTAVAIL;
  for (const int family : {AF_INET6, AF_INET}) {  // one socket of IPv6 takes both, where the kernel has it
    hints.ai_family = family;
    addrinfo *found = nullptr;
    const char *const host = place->address.empty() ? nullptr : place->address.c_str();
    if (::getaddrinfo(host, place->port.c_str(), &hints, &found) != 0) continue;
    const std::unique_ptr<addrinfo, void (*)(addrinfo *)> owned(found, ::freeaddrinfo);
    UniqueFd fd = listening(*found);
    reason = errno;
    if (!fd) continue;
    const std::uint16_t port = port_of(fd.get());
    return StatusServer(std::move(fd), port, std::move(serve), clock);
  }
  return fail(ErrorCode::usage, "--listen",
              in_quotes(address) + " cannot be listened at: " + std::generic_category().message(reason),
              "give an IP address of this machine and a free port");
}

void StatusServer::add_to(std::vector<pollfd> &polled) const {
  if (connections_.size() < connections_max) polled.push_back({fd_.get(), POLLIN, 0});
  for (const Connection &connection : connections_) {
    polled.push_back({connection.fd.get(), static_cast<short>(connection.is_answered ? POLLOUT : POLLIN), 0});
  }
}

void StatusServer::accept() {
  while (connections_.size() < connections_max) {  // guard: connections-bound
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    connections_.push_back({std::move(fd), clock_.monotonic_ms() + connection_ms_max, {}, {}, false});
  }
}

bool StatusServer::advance(Connection &connection) {
  std::array<char, request_bytes_max> chunk{};
  while (!connection.is_answered) {
    const ssize_t got = ::recv(connection.fd.get(), chunk.data(), chunk.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    connection.request.append(chunk.data(), static_cast<std::size_t>(got));
    const bool is_whole = connection.request.find("\r\n\r\n") != std::string::npos;
    if (!is_whole && connection.request.size() < request_bytes_max) continue;
    connection.response = response_text(is_whole ? answer_to(connection.request, serve_)
                                                 : StatusAnswer{.status = 400, .body = "too long\n"});
    connection.is_answered = true;
  }
  while (!connection.response.empty()) {
    const ssize_t sent = ::send(connection.fd.get(), connection.response.data(), connection.response.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection.response.erase(0, static_cast<std::size_t>(sent));
  }
  ::shutdown(connection.fd.get(), SHUT_WR);
  return false;
}

void StatusServer::turn() {
  accept();
  const std::int64_t now_ms = clock_.monotonic_ms();
  connections_.remove_if([&](Connection &connection) { return !advance(connection) || now_ms >= connection.end_ms; });
}

}  // namespace regcred::core
