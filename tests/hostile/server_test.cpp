// SPDX-License-Identifier: Apache-2.0
// A hostile server, as a table: what it does, what the kubelet then reads, and how often it was asked. What libcurl
// sees of single bytes stands in tests/unit/services/curl_*_test.cpp; here the real program is asked by a real request.
#include "hostile/fixture.hpp"

namespace regcred::testing {
namespace {

using std::chrono::milliseconds;
using namespace std::string_literals;
TEST_F(Hostile, H4_H5_answers_that_never_end_or_are_none) {
  struct Row {
    const char *name;
    ScriptedServer::Script script;
    int status;
    const char *words;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const Row table[] = {
      {"says nothing", after_request([](Connection &connection) { connection.stall(); }), 7, "timed out"},
      {"drips in the status line", dripping("HTTP/1.1 2", "0", milliseconds(300)), 7, "timed out"},
      {"drips in the headers", dripping("HTTP/1.1 200 OK\r\nX: ", "x", milliseconds(100)), 7, "timed out"},
      {"drips in the body", dripping("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", "x", milliseconds(100)), 7,
       "timed out"},
      {"headers without end", dripping("HTTP/1.1 200 OK\r\n", "X: " + std::string(8000, 'x') + "\r\n", milliseconds(0)),
       6, "more than 1 MiB of body or 64 KiB of headers"},
      {"chunks without end", dripping(chunked, "1000\r\n" + std::string(4096, 'x') + "\r\n", milliseconds(0)), 6,
       "more than 1 MiB"},
      {"interim answers without end", dripping("", "HTTP/1.1 100 Continue\r\n\r\n", milliseconds(0)), 6,
       "64 KiB of headers"},
      {"a bomb of gzip",
       answering(http_response(200, std::string("\x1f\x8b\x08\x00", 4) + std::string(1000, '\0'),
                               "Content-Encoding: gzip\r\n")),
       6, "not a JSON object"},
      {"a longer length than body", answering("HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n" + good_body), 6,
       "no complete HTTP answer"},
      {"a negative length", answering("HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\n" + good_body), 6, "HTTP"},
      {"two lengths", answering("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n" + good_body),
       6, "HTTP"},
      {"a broken chunk", answering(chunked + "zz\r\n"), 6, "ended the connection"},
      {"HTTP/0.9", answering(good_body), 6, "HTTP"},
      {"an empty answer", answering(""), 6, "ended the connection"},
      {"one byte", answering("H"), 6, "ended the connection"},
      {"a zero in a header", answering("HTTP/1.1 201 Created\r\nX: a\0b\r\n\r\n"s), 6, "HTTP"},
      {"another protocol", answering("SSH-2.0-OpenSSH_9.2\r\n"), 6, "HTTP"},
      {"status 101", answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), 6, "ended the connection"},
  };
  for (const Row &row : table) {
    ScriptedServer server(identity_, row.script);
    expect_failure(ask(host_of(server)), row.status, row.words, row.name);
    // Asked again only when time was what failed: after any other end the server may have used the token already.
    EXPECT_GE(server.requests().size(), 1U) << row.name;
    EXPECT_LE(server.requests().size(), row.status == 7 ? 4U : 1U) << row.name;
  }
}

TEST_F(Hostile, what_is_odd_and_still_an_answer) {
  const std::pair<const char *, std::string> table[] = {
      {"HTTP/1.0",
       "HTTP/1.0 201 Created\r\nContent-Length: " + std::to_string(good_body.size()) + "\r\n\r\n" + good_body},
      {"the end of the connection as the end of the body",
       "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n" + good_body},
      {"a length and more bytes after it", good_answer + "HTTP/1.1 200 OK\r\n\r\ngarbage"},
      {"an interim answer", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + good_answer},
      {"cookies and HSTS",
       http_response(201, good_body, "Set-Cookie: a=b\r\nStrict-Transport-Security: max-age=9\r\n")},
  };
  for (const auto &[name, answer] : table) {
    ScriptedServer server(identity_, answering(answer));
    EXPECT_EQ(ask(host_of(server)).status, 0) << name;
    ASSERT_EQ(server.requests().size(), 1U) << name;
    EXPECT_EQ(server.requests()[0].find("Cookie:"), std::string::npos);
  }
}

TEST_F(Hostile, H2_no_redirect_brings_the_token_to_another_server) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer thief(identity_, answering(good_answer));
    ScriptedServer server(identity_, answering(http_response(status, "", "Location: " + thief.url("/take") + "\r\n")));
    expect_failure(ask(host_of(server)), 6, "redirects (HTTP " + std::to_string(status) + ") to host", "redirect");
    EXPECT_EQ(thief.connections(), 0) << status;
  }
}

TEST_F(Hostile, H3_certificates_that_are_not_right) {
  const CertificateAuthority other("another CA");
  struct Row {
    const char *name;
    Identity identity;
    int version_max;
    const char *words;
  };
  constexpr const char *unknown_signer =
      "is not signed by a CA that this node trusts; name its CA under defaults.caFile";
  Row table[] = {
      {"expired", ca_.issue({"localhost"}, -10, -1), 0, "has expired; have it renewed, and see the clock of this node"},
      {"not yet valid", ca_.issue({"localhost"}, 2, 9), 0, "is not valid yet; see the clock of this node"},
      {"for another host", ca_.issue({"api.example.com"}), 0, "is for another name; see the host in the configuration"},
      {"of another authority", other.issue({"localhost"}), 0, unknown_signer},
      {"self-signed", self_signed("localhost"), 0, unknown_signer},
      {"TLS 1.1", ca_.issue({"localhost"}), TLS1_1_VERSION, "TLS 1.2 or later is needed"}};
  for (const Row &row : table) {
    ScriptedServer server(row.identity, answering(good_answer), row.version_max);
    expect_failure(ask(host_of(server)), 6, row.words, row.name);
    EXPECT_TRUE(server.requests().empty()) << row.name;
    EXPECT_EQ(server.connections(), 1) << row.name << ": waiting mends no certificate";
  }
}

}  // namespace
}  // namespace regcred::testing
