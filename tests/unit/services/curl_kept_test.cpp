// SPDX-License-Identifier: Apache-2.0
// Which connections serve a second call: against real TLS servers on loopback.
#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

using regcred::testing::Connection;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::HasSubstr;

// Answers every request of a connection.
ScriptedServer::Script keeping(std::string response) {
  return [response = std::move(response)](Connection &connection) {
    while (!connection.read_request().empty() && connection.send(response)) {
    }
  };
}

// Then keeps the connection and says nothing.
void answering_once(Connection &connection) {
  connection.read_request();
  connection.send(http_response(200, "x"));
  connection.read_request();
  connection.stall();
}

class Kept : public CurlTest {
 protected:
  static tl::expected<HttpResponse, AttemptFailure> send(CurlAttempt &http, HttpRequest request, const std::string &url,
                                                         AttemptLimits limits = {5000, 5000}) {
    request.method = "POST";
    request.url = url;
    request.body = "a=b";
    return http.send(request, limits);
  }
  // How many connections two such requests take.
  int connections_of_two(const HttpRequest &request, const std::string &response) {
    ScriptedServer server(for_localhost(), keeping(response));
    CurlAttempt http(config_, clock_);
    for (int call = 0; call < 2; ++call) EXPECT_TRUE(send(http, request, server.url()));
    EXPECT_EQ(server.requests().size(), 2U);
    return server.connections();
  }
};

TEST_F(Kept, H9_a_proper_answer_leaves_its_connection_for_the_next_call) {
  EXPECT_EQ(connections_of_two({}, http_response(200, "x")), 1);
  EXPECT_EQ(connections_of_two({}, http_response(400, "x")), 1);
  EXPECT_EQ(connections_of_two({}, http_response(200, "x", "Connection: close\r\n")), 2);
}

TEST_F(Kept, H9_another_server_may_answer_after_one_that_is_not_well) {
  for (const int status : {408, 425, 429, 500, 503})
    EXPECT_EQ(connections_of_two({}, http_response(status, "")), 2) << status;
}

TEST_F(Kept, H9_what_is_judged_by_its_address_or_sent_once_has_a_connection_of_its_own) {
  AddressGuard guard;
  HttpRequest judged, once, metadata;
  judged.guard = &guard;
  once.may_repeat = false;
  metadata.metadata_endpoint = true;
  const std::string response = http_response(200, "x");
  EXPECT_EQ(connections_of_two(judged, response), 2);
  EXPECT_EQ(connections_of_two(once, response), 2);
  ScriptedServer plain(keeping(response));  // no roots are there for a metadata endpoint
  CurlAttempt http(config_, clock_);
  for (int call = 0; call < 2; ++call) {
    EXPECT_TRUE(send(http, metadata, "http://127.0.0.1:" + std::to_string(plain.port()) + "/"));
  }
  EXPECT_EQ(plain.connections(), 2);
}

TEST_F(Kept, one_that_the_server_has_ended_is_replaced) {
  ScriptedServer server(for_localhost(), [](Connection &connection) {
    connection.read_request();
    connection.send(http_response(200, "x"));
  });
  CurlAttempt http(config_, clock_);
  for (int call = 0; call < 3; ++call) EXPECT_TRUE(send(http, {}, server.url()));
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(Kept, the_request_leaves_nothing_for_the_next_one) {
  ScriptedServer server(for_localhost(), keeping(http_response(200, "x")));
  CurlAttempt http(config_, clock_);
  HttpRequest first;
  first.headers = {{"Authorization", "Bearer canary"}};
  ASSERT_TRUE(send(http, first, server.url("/first")));
  const std::string url = server.url("/second");
  ASSERT_TRUE(http.send({.method = "GET", .url = url, .headers = {}, .body = ""}, {5000, 5000}));
  EXPECT_EQ(server.connections(), 1);
  const std::string seen = server.requests().at(1);
  EXPECT_TRUE(seen.starts_with("GET /second HTTP/1.1\r\n")) << seen;
  EXPECT_EQ(seen.find("canary"), std::string::npos);
  EXPECT_EQ(seen.find("a=b"), std::string::npos);
}

TEST_F(Kept, H4_no_answer_on_it_is_said_to_be_that) {
  ScriptedServer server(for_localhost(), answering_once);
  CurlAttempt http(config_, clock_);
  ASSERT_TRUE(send(http, {}, server.url()));
  const auto outcome = send(http, {}, server.url(), {400, 400});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(outcome.error().text, HasSubstr("gave no complete answer within 0.4 s"));
}

TEST_F(Kept, H8_so_is_one_through_a_proxy) {
  ScriptedServer server(for_localhost(), answering_once);
  ScriptedServer proxy(regcred::testing::passing_to(server));
  config_.proxy.url = "http://127.0.0.1:" + std::to_string(proxy.port());
  CurlAttempt http(config_, clock_);
  ASSERT_TRUE(send(http, {}, server.url()));
  const auto outcome = send(http, {}, server.url(), {400, 400});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(proxy.connections(), 1);
  EXPECT_THAT(outcome.error().text,
              HasSubstr("localhost:" + std::to_string(server.port()) + " gave no complete answer"));
}

}  // namespace
}  // namespace regcred::core
