// SPDX-License-Identifier: Apache-2.0
// The way through a proxy: CONNECT with and without credentials, proxies that refuse, flood and stall, NO_PROXY. The
// proxy never sees the pod's token, and nobody sees the proxy's password.
#include "hostile/fixture.hpp"

namespace regcred::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Proxies : public Hostile {
 protected:
  static constexpr const char *password = "pr0xy-pass-canary";

  static std::string url_of(const ScriptedServer &proxy, const std::string &user_info = "") {
    return "http://" + user_info + "127.0.0.1:" + std::to_string(proxy.port());
  }
  void expect_nothing_told(const ProcessOutput &output, ScriptedServer &proxy) const {
    EXPECT_EQ(regcred::test::find_leak(password, output.out + output.err), std::nullopt) << output.err;
    for (const std::string &request : proxy.requests()) {
      EXPECT_EQ(regcred::test::find_leak(token_, request), std::nullopt) << request;
    }
  }
};

TEST_F(Proxies, H8_that_let_the_request_through) {
  struct Row {
    const char *name;
    const char *user_info;
    const char *authorization;
  };
  const Row table[] = {
      {"without credentials", "", ""},
      {"user and password", "user:pr0xy-pass-canary@",
       "Proxy-Authorization: Basic dXNlcjpwcjB4eS1wYXNzLWNhbmFyeQ==\r\n"},
      {"a password with @ and /", "user:p%40ss%2Fw0rd-canary@",
       "Proxy-Authorization: Basic dXNlcjpwQHNzL3cwcmQtY2FuYXJ5\r\n"},
  };
  for (const auto &[name, user_info, authorization] : table) {
    ScriptedServer server(identity_, answering(good_answer));
    ScriptedServer proxy(passing_to(server, authorization));
    const ProcessOutput output = ask(host_of(server), "5s", url_of(proxy, user_info));
    EXPECT_EQ(output.status, 0) << name << ": " << output.err;
    ASSERT_EQ(proxy.requests().size(), 1U) << name;
    EXPECT_THAT(proxy.requests()[0], StartsWith("CONNECT " + host_of(server) + " HTTP/1.1\r\n"));
    EXPECT_EQ(proxy.requests()[0].find("Proxy-Authorization") == std::string::npos, *authorization == '\0') << name;
    EXPECT_EQ(regcred::test::find_leak("p@ss/w0rd-canary", output.err), std::nullopt) << output.err;
    expect_nothing_told(output, proxy);
    ASSERT_EQ(server.requests().size(), 1U) << name;
    EXPECT_THAT(server.requests()[0], Not(HasSubstr("Proxy-"))) << "what is for the proxy stays with the proxy";
  }
}

TEST_F(Proxies, H4_H5_H8_that_refuse_flood_and_stall) {
  const std::string refused = " refused to connect to api.example.com with status ";
  struct Row {
    const char *name;
    ScriptedServer::Script script;
    int status;
    std::string words;
  };
  const Row table[] = {
      {"407", answering(http_response(407, "", "Proxy-Authenticate: Basic\r\n")), 6,
       refused + "407; give user and password in the proxy's URL"},
      {"407 that wants more than Basic", answering(http_response(407, "", "Proxy-Authenticate: Negotiate\r\n")), 6,
       refused + "407"},
      {"403", answering(http_response(403, "")), 6, refused + "403; see what the proxy allows"},
      {"a redirect", answering(http_response(302, "", "Location: https://api.example.com/\r\n")), 6, refused + "302"},
      {"something else than TLS", answering("HTTP/1.1 200 OK\r\n\r\nnot TLS at all"), 6,
       "api.example.com does not speak TLS"},
      {"the end instead of an answer", answering(""), 6, "Proxy CONNECT aborted"},
      {"silence", after_request([](Connection &connection) { connection.stall(); }), 7,
       "did not connect to api.example.com within"},
      {"an answer that drips", dripping("HTTP/1.1 200 OK\r\nX: ", "x", milliseconds(100)), 7,
       "no TLS session with api.example.com"},
      // libcurl keeps a proxy's headers to itself, so its own limit holds: 300 KiB.
      {"headers without end", dripping("HTTP/1.1 200 OK\r\n", "X: " + std::string(8000, 'x') + "\r\n", milliseconds(0)),
       6, "Too large response headers"},
  };
  for (const Row &row : table) {
    ScriptedServer proxy(row.script);
    const ProcessOutput output = ask("api.example.com", "2s", url_of(proxy, std::string("user:") + password + "@"));
    expect_failure(output, row.status, row.words, row.name);
    expect_nothing_told(output, proxy);
    ASSERT_FALSE(proxy.requests().empty()) << row.name;
    EXPECT_THAT(proxy.requests()[0], StartsWith("CONNECT api.example.com:443 HTTP/1.1\r\n"));
    EXPECT_LE(proxy.requests().size(), row.status == 7 ? 4U : 1U) << row.name << ": only time mends";
  }
}

TEST_F(Proxies, H4_one_that_is_overloaded_is_asked_again) {
  ScriptedServer server(identity_, answering(good_answer));
  const ScriptedServer::Script let_through = passing_to(server);
  ScriptedServer proxy([&](Connection &connection) {
    if (connection.number() > 1) return let_through(connection);
    connection.read_request();
    connection.send(http_response(503, ""));
  });
  EXPECT_EQ(ask(host_of(server), "5s", url_of(proxy)).status, 0);
  EXPECT_EQ(proxy.connections(), 2);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(Proxies, H8_NO_PROXY_goes_directly) {
  ScriptedServer proxy(answering(http_response(403, "")));
  ScriptedServer server(identity_, answering(good_answer));
  const std::string at = "http://127.0.0.1:" + std::to_string(proxy.port());
  EXPECT_EQ(ask(host_of(server), "2s", "environment", {{"HTTPS_PROXY", at}, {"NO_PROXY", "localhost"}}).status, 0);
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(ask(host_of(server), "2s", "environment", {{"HTTPS_PROXY", at}}).status, 6);
  EXPECT_EQ(proxy.connections(), 1);
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace regcred::testing
