// SPDX-License-Identifier: Apache-2.0
// How long and how large an answer may be: against servers that stall and flood.
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

using regcred::testing::answering;
using regcred::testing::Connection;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::HasSubstr;

constexpr AttemptLimits short_limits{400, 400};

class Stalls : public CurlTest {
 protected:
  // The failure's text; asserts that it came in time.
  std::string timed_failure(const std::string &url) {
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome = post(url, short_limits);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took, std::chrono::milliseconds(1400));
    if (outcome) return "a response";
    EXPECT_TRUE(outcome.error().another_may_help);
    return outcome.error().text;
  }
};

TEST_F(Stalls, H4_at_connect) {
  // A queue of one that is full: the kernel drops what comes next.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto *const generic = reinterpret_cast<sockaddr *>(&address);
  ASSERT_EQ(::bind(fd, generic, size), 0);
  ASSERT_EQ(::listen(fd, 0), 0);
  ::getsockname(fd, generic, &size);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fillers.back(), generic, size);
  }
  EXPECT_THAT(timed_failure("https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"),
              HasSubstr("no connection to 127.0.0.1"));
  for (const int filler : fillers) ::close(filler);
  ::close(fd);
}

TEST_F(Stalls, H4_in_the_TLS_handshake) {
  ScriptedServer server([](Connection &connection) { connection.stall(); });
  EXPECT_THAT(timed_failure(server.url()), HasSubstr("no TLS session with localhost"));
}

TEST_F(Stalls, H4_before_and_within_the_answer) {
  for (const char *start : {"", "HTTP/1.1 200 OK\r\nX-A", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"}) {
    ScriptedServer server(for_localhost(), [start](Connection &connection) {
      connection.read_request();
      connection.send(start);
      connection.stall();
    });
    EXPECT_THAT(timed_failure(server.url()), HasSubstr("gave no complete answer within 0.4 s")) << start;
  }
}

TEST_F(Stalls, H4_an_answer_that_drips_has_no_more_time_than_one_that_does_not_come) {
  ScriptedServer server(for_localhost(), [](Connection &connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (connection.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  EXPECT_THAT(timed_failure(server.url()), HasSubstr("gave no complete answer"));
}

TEST_F(Stalls, nobody_listens) {
  const auto outcome = post("https://127.0.0.1:1/");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().text,
            "no connection to 127.0.0.1:1 (Connection refused); check host and port, that the service runs, and the "
            "firewall");
  EXPECT_TRUE(outcome.error().another_may_help);
}

class Floods : public CurlTest {
 protected:
  // The failure of a server that sends `head` and then `piece` for as long as somebody listens.
  AttemptFailure flooded(const std::string &head, const std::string &piece) {
    ScriptedServer server(for_localhost(), [&](Connection &connection) {
      connection.read_request();
      bool listening = connection.send(head);
      while (listening) listening = connection.send(piece);
    });
    const auto outcome = post(server.url());
    return outcome ? AttemptFailure{REGCRED_OK, "a response", false} : outcome.error();
  }
};

TEST_F(Floods, H5_body_and_headers_have_limits_that_hold_while_they_arrive) {
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  const std::pair<std::string, std::string> floods[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk},
      {"HTTP/1.1 200 OK\r\n\r\n", chunk},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", chunk},
      {"HTTP/1.1 200 OK\r\n", "X-Header: " + std::string(1000, 'x') + "\r\n"},
  };
  for (const auto &[head, piece] : floods) {
    const AttemptFailure failure = flooded(head, piece);
    EXPECT_EQ(failure.code, REGCRED_BAD_UPSTREAM) << head;
    EXPECT_THAT(failure.text, HasSubstr("more than 1 MiB of body or 64 KiB of headers")) << head;
    EXPECT_FALSE(failure.another_may_help);
  }
  // One line without an end is stopped by libcurl itself.
  const AttemptFailure endless = flooded("HTTP/1.1 200 OK\r\nX-Header: ", std::string(10000, 'x'));
  EXPECT_EQ(endless.code, REGCRED_BAD_UPSTREAM);
  EXPECT_THAT(endless.text, HasSubstr("answered a header line without end"));
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 * 1024) << "KiB";
}

TEST_F(Floods, a_body_of_exactly_the_limit_is_taken) {
  ScriptedServer server(for_localhost(), answering(http_response(200, std::string(1U << 20U, 'x'))));
  const auto response = post(server.url());
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body.size(), 1U << 20U);
}

TEST_F(Floods, H5_nothing_is_decompressed) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "not gzip", "Content-Encoding: gzip\r\n")));
  const auto response = post(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "not gzip");
}

TEST_F(Floods, what_is_not_HTTP_is_said_to_be_so) {
  const std::pair<const char *, const char *> answers[] = {
      {"hello\r\n\r\n", "no complete HTTP answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "no complete HTTP answer"},
      {"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "status 999"},
      {"", "ended the connection"},
  };
  for (const auto &[answer, words] : answers) {
    ScriptedServer server(for_localhost(), answering(answer));
    EXPECT_THAT(failure(server.url()), HasSubstr(words)) << answer;
  }
}

TEST_F(Floods, L2_a_hostile_answer_cannot_reach_the_terminal) {
  ScriptedServer server(for_localhost(), answering("HTTP/1.1 \x1b[31m\r\nX: \x1b]0;owned\x07\r\n\r\n"));
  EXPECT_THAT(failure(server.url()), ::testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace regcred::core
