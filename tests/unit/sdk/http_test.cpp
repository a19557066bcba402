// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/http.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using test::FakeHost;
using test::IsOk;
using test::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Http, a_request_and_its_response_cross_the_boundary_whole) {
  FakeHost host;
  host.expect("PUT", "http://169.254.169.254/x?y=1")
      .with_header("X-One", "1")
      .reply(207, std::string("a\0b", 3), {{"X-Two", "2"}, {"X-Two", "3"}})
      .retry_after(std::chrono::seconds(7));
  HttpRequest request;
  request.method = "PUT";
  request.url = "http://169.254.169.254/x?y=1";
  request.headers = {{"X-One", "1"}};
  request.body = Secret("hello");
  request.may_repeat = false;
  request.metadata_endpoint = true;
  const Result<HttpResponse> response = Http(host.host()).send(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 207);
  EXPECT_FALSE(response->ok());
  EXPECT_EQ(response->attempts, 1);
  EXPECT_EQ(response->retry_after, std::chrono::seconds(7));
  EXPECT_EQ(response->body.reveal(), std::string_view("a\0b", 3));
  EXPECT_EQ(response->header("x-two"), "2");
  EXPECT_EQ(response->header("x-three"), "");
  EXPECT_EQ(host.calls().at(0).body, "hello");
  EXPECT_EQ(host.calls().at(0).flags, REGCRED_HTTP_NO_RETRY | REGCRED_HTTP_METADATA);
  EXPECT_THAT(host.problems(), IsEmpty());
}

TEST(Http, no_response_is_the_hosts_failure) {
  FakeHost host;
  host.expect("GET", "https://a.example/").fail(Code::timeout, "the deadline is over");
  HttpRequest request;
  request.url = "https://a.example/";
  EXPECT_THAT(Http(host.host()).send(request), StatusIs(Code::timeout, "the deadline is over"));
}

TEST(Http, a_host_without_the_service_is_told) {
  FakeHost host;
  host.withhold(REGCRED_SERVICE_HTTP);
  EXPECT_THAT(Http(host.host()).send({}), StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_HTTP)));
}

TEST(Http, percent_encoding_leaves_only_unreserved_characters) {
  EXPECT_EQ(percent_encode(""), "");
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a/b?c#d&e=f g+%\r\n\"\\"), "a%2Fb%3Fc%23d%26e%3Df%20g%2B%25%0D%0A%22%5C");
  EXPECT_EQ(percent_encode(std::string_view("\0\x7f\x80\xff", 4)), "%00%7F%80%FF");
}

TEST(Http, each_status_stands_for_its_failure) {
  const std::vector<std::pair<int, Code>> table = {
      {401, Code::denied},       {403, Code::denied},      {408, Code::unavailable}, {425, Code::unavailable},
      {429, Code::throttled},    {500, Code::unavailable}, {599, Code::unavailable}, {200, Code::bad_upstream},
      {302, Code::bad_upstream}, {400, Code::denied},      {422, Code::denied},      {404, Code::bad_upstream},
      {499, Code::bad_upstream}};
  for (const auto &[status, code] : table) {
    HttpResponse response;
    response.status = status;
    response.retry_after = std::chrono::seconds(5);
    const Failure failure = failure_of(response, "why");
    EXPECT_EQ(failure.code, code) << status;
    EXPECT_EQ(failure.text, "why");
    EXPECT_EQ(failure.retry_after.has_value(), status == 429) << status;
  }
}

TEST(Http, only_a_json_object_of_bounded_depth_is_one) {
  const auto parsed = [](std::string_view body) {
    HttpResponse response;
    response.body = Secret(body);
    return response.json_object();
  };
  EXPECT_TRUE(parsed("{}"));
  EXPECT_EQ((*parsed(R"( {"a":{"b":[1]}} )"))["a"]["b"][0], 1);
  for (const char *body : {"", "[]", "1", "null", "{", "{} x", "<html>", "{\"a\":\"\xff\"}", "{'a':1}"}) {
    EXPECT_FALSE(parsed(body)) << body;
  }
  EXPECT_TRUE(parsed("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}"));
  EXPECT_FALSE(parsed("{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}"));
  EXPECT_FALSE(parsed("{\"a\":" + std::string(200'000, '[')));
}

TEST(Host, clock_and_log_and_files_are_the_hosts) {
  FakeHost host;
  host.set_unix_now(std::chrono::seconds(1234));
  host.set_remaining(std::chrono::milliseconds(-5));
  host.add_secret_file("name", "value");
  EXPECT_EQ(host.host().clock().unix_now(), std::chrono::seconds(1234));
  EXPECT_EQ(host.host().clock().remaining(), std::chrono::milliseconds(-5));
  EXPECT_TRUE(host.host().log().enabled(LogLevel::debug));
  host.host().log().warn("careful");
  EXPECT_EQ(host.log().at(0).level, LogLevel::warn);
  EXPECT_EQ(host.log().at(0).text, "careful");
  EXPECT_EQ(host.host().secret_files().read("name")->reveal(), "value");
  EXPECT_THAT(host.host().secret_files().read("other"), StatusIs(Code::bad_config, HasSubstr("other")));
}

TEST(Host, missing_services_do_no_harm) {
  for (const char *id : {REGCRED_SERVICE_LOG, REGCRED_SERVICE_CLOCK, REGCRED_SERVICE_SECRET}) {
    FakeHost host;
    host.withhold(id);
    const std::string_view missing = id;
    host.host().log().warn("x");
    EXPECT_EQ(host.log().empty(), missing == REGCRED_SERVICE_LOG);
    EXPECT_EQ(host.host().log().enabled(LogLevel::error), missing != REGCRED_SERVICE_LOG);
    const bool real_clock = host.host().clock().unix_now() != host.unix_now();
    EXPECT_EQ(real_clock, missing == REGCRED_SERVICE_CLOCK);
    EXPECT_EQ(host.host().clock().remaining() == std::chrono::milliseconds::max(), missing == REGCRED_SERVICE_CLOCK);
    const Code code = missing == REGCRED_SERVICE_SECRET ? Code::internal : Code::bad_config;
    EXPECT_THAT(host.host().secret_files().read("x"), StatusIs(code, ::testing::_));
  }
}

}  // namespace
}  // namespace regcred
