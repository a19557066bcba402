// SPDX-License-Identifier: Apache-2.0
#include "agent/status_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/write_all.hpp"
#include "unit/agent/agent_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StatusServerTest : public ::testing::Test {
 protected:
  [[nodiscard]] UniqueFd connect() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    return fd;
  }
  void turn() {
    std::vector<pollfd> polled;
    server_->add_to(polled);
    ::poll(polled.data(), polled.size(), 20);
    server_->turn();
  }
  // What a client gets until the end; turns meanwhile.
  std::string received(const UniqueFd &fd) {
    std::string text;
    for (int i = 0; i < 500; ++i) {
      turn();
      char bytes[65536];
      const ssize_t size = ::recv(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN)) break;
      if (size > 0) text.append(bytes, static_cast<std::size_t>(size));
    }
    return text;
  }
  std::string ask(const std::string &request) {
    const UniqueFd fd = connect();
    EXPECT_TRUE(write_all(fd.get(), request));
    return received(fd);
  }

  HandClock clock_;
  Result<StatusServer> server_ = StatusServer::listen(
      "127.0.0.1:0",
      [](const std::string &path) {
        return path == "/x" ? StatusAnswer{.body = std::string(300'000, 'x')}
                            : StatusAnswer{.status = 404, .body = path};
      },
      clock_);
};

TEST_F(StatusServerTest, answers_get_and_nothing_else) {
  const std::string answer = ask("GET /x?a=b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain"),
                    HasSubstr("\r\nContent-Length: 300000\r\n"), EndsWith("\r\n\r\n" + std::string(300'000, 'x'))));
  EXPECT_THAT(ask("GET /none HTTP/1.0\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\n/none")));
  EXPECT_THAT(ask("POST /x HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask("hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("GET /x\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(std::string(5000, 'a')), StartsWith("HTTP/1.1 400 "));
}

TEST_F(StatusServerTest, H5_silent_clients_are_cut_off_and_others_wait_their_turn) {
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(connect());
    turn();
  }
  const UniqueFd asks = connect();
  ASSERT_TRUE(write_all(asks.get(), "GET /none HTTP/1.1\r\n\r\n"));
  turn();
  char byte = 0;
  EXPECT_LT(::recv(asks.get(), &byte, 1, MSG_DONTWAIT), 0) << "all places are taken";
  clock_.now_ms += 5000;
  turn();
  clock_.now_ms += 5000;
  EXPECT_THAT(received(asks), StartsWith("HTTP/1.1 404 "));
}

TEST_F(StatusServerTest, takes_addresses_of_both_families) {
  const auto serve = [](const std::string &) { return StatusAnswer{}; };
  for (const char *address : {":0", "0.0.0.0:0", "127.0.0.1:0"}) {
    const auto server = StatusServer::listen(address, serve, clock_);
    EXPECT_TRUE(server) << address;
    if (server) {
      EXPECT_NE(server->port(), 0);
    }
  }
  for (const char *address : {"", "9788", ":", ":x", ":65536", "::1:80", "localhost:0", "[]:0", "192.0.2.1:0"}) {
    EXPECT_EQ(StatusServer::listen(address, serve, clock_).error().code, ErrorCode::usage) << address;
  }
}

}  // namespace
}  // namespace regcred::core
