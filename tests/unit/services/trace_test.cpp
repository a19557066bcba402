// SPDX-License-Identifier: Apache-2.0
#include "services/http/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/testing/leaks.hpp>

#include "curl_fixture.hpp"
#include "services/http/lazy_http.hpp"
#include "support/recording_log.hpp"

namespace regcred::core {
namespace {

using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using testing::RecordingLog;
using ::testing::StartsWith;

TEST(Trace, a_response_in_one_line) {
  HttpResponse response{.status = 429, .headers = {{"content-type", "text/html"}, {"retry-after", "3304"}}};
  response.times = {.name_ms = 1, .connect_ms = 3, .tls_ms = 12, .first_byte_ms = 35, .whole_ms = 37};
  EXPECT_EQ(trace_line({.method = "POST", .url = "https://a.example/b?secret=1"}, response, 2, ""),
            "POST https://a.example/b: HTTP 429 in 37 ms (name 1, connect 3, TLS 12, first byte 35), attempt 2; "
            "retry-after: 3304");
}

TEST(Trace, a_failure_in_one_line_with_the_phases_that_were_reached) {
  const AttemptFailure failure{REGCRED_UNAVAILABLE, "the name a.example is not known to DNS", true, {.whole_ms = 8}};
  EXPECT_EQ(trace_line({.method = "GET", .url = "https://a.example/"}, tl::make_unexpected(failure), 1, ""),
            "GET https://a.example/: no response in 8 ms, attempt 1: the name a.example is not known to DNS");
}

TEST(Trace, L1_rate_limits_are_shown_and_nothing_else_of_the_headers) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Case {
    Headers headers;
    const char *shown;
  };
  const Case cases[] = {
      {{}, ""},
      {{{"set-cookie", "x=1"}, {"x-request-id", "4711"}}, ""},
      {{{"x-ratelimit-limit", "1800"}, {"x-ratelimit-remaining", "0"}},
       "x-ratelimit-limit: 1800; x-ratelimit-remaining: 0"},
      {{{"ratelimit-limit", "100;w=21600"}}, "ratelimit-limit: 100;w=21600"},
      {{{"ratelimit", "\"default\";r=50;t=30"}}, "ratelimit: \"default\";r=50;t=30"},
      {{{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}}, "retry-after: Wed, 21 Oct 2026 07:28:00 GMT"},
      {{{"x-ratelimit-reset", "1792483200.25"}, {"x-ratelimit-interval", "2.0"}},
       "x-ratelimit-reset: 1792483200.25; x-ratelimit-interval: 2.0"},
      {{{"ratelimit-policy", "\"default\";q=100;w=60, 10;w=1"}}, "ratelimit-policy: \"default\";q=100;w=60, 10;w=1"},
      // A token in pieces that are too short to be recognised: in the value, in the name, over many headers.
      {{{"ratelimit-limit", "eyJhbGciOiA iUlMyNTYiLC"}}, "ratelimit-limit: (odd)"},
      {{{"ratelimit-eyjhbgcioia", "1"}}, ""},
      {{{"ratelimit-limit", "1234567890123"}}, "ratelimit-limit: (odd)"},
      {{{"ratelimit-limit", "1"},
        {"ratelimit-limit", "2"},
        {"ratelimit-limit", "3"},
        {"ratelimit-limit", "4"},
        {"ratelimit-limit", "5"}},
       "ratelimit-limit: 1; ratelimit-limit: 2; ratelimit-limit: 3; ratelimit-limit: 4"},
      {{{"ratelimit-limit", "1"},
        {"ratelimit-remaining", "0"},
        {"ratelimit-reset", "7"},
        {"x-ratelimit-interval", "2.0"},
        {"retry-after", "9"}},
       "retry-after: 9; ratelimit-limit: 1; ratelimit-remaining: 0; ratelimit-reset: 7"},
      {{{"x-ratelimit-limit", "canary-of-a-password"}}, "x-ratelimit-limit: (odd)"},
      {{{"x-ratelimit-limit", "1\x1b[31m"}}, "x-ratelimit-limit: (odd)"},
      {{{"x-ratelimit-limit", std::string(65, ' ')}}, "x-ratelimit-limit: (odd)"},
  };
  for (const Case &row : cases) EXPECT_EQ(rate_limit_headers(row.headers), row.shown);
}

TEST(Trace, L1_what_a_server_quotes_of_token_and_credential_is_hidden) {
  const std::string token = "eyJoZWFkZXI.eyJwYXlsb2Fk.c2lnbmF0dXJl";
  const AttemptFailure failure{REGCRED_BAD_UPSTREAM, "odd words: " + token + " dXNlcjpwYXNz", false};
  const std::string url = "https://a.example/" + token;
  HttpRequest request{.method = "GET", .url = url};
  request.headers = {{"Authorization", "Basic dXNlcjpwYXNz"}};
  const std::string line = trace_line(request, tl::make_unexpected(failure), 1, token);
  EXPECT_EQ(regcred::test::find_leak(token, line), std::nullopt) << line;
  EXPECT_EQ(line.find("dXNlcjpwYXNz"), std::string::npos) << line;
}

class TraceOfRequests : public CurlTest {
 protected:
  std::vector<std::string> lines_of(const std::string &url, std::int32_t threshold) {
    RecordingLog log(threshold);
    LazyHttp http(REGCRED_LIBRARY_DIRECTORY, config_, {clock_.monotonic_ms() + 5000}, clock_, {&log, "token"});
    static_cast<void>(http.send({.method = "GET", .url = url}));
    return log.lines;
  }
};

TEST_F(TraceOfRequests, every_try_is_a_line_with_its_times) {
  ScriptedServer server(for_localhost(), [](regcred::testing::Connection &connection) {
    connection.read_request();
    connection.send(http_response(connection.number() == 1 ? 503 : 200, "canary-of-the-body",
                                  "X-RateLimit-Remaining: 17\r\nX-Other: canary\r\n"));
  });
  config_.backoff_base_ms = 10;
  const auto lines = lines_of(server.url("/path?query=canary"), REGCRED_LOG_DEBUG);
  const std::string phases =
      R"( in [0-9]+ ms \(name [0-9]+, connect [0-9]+, TLS [0-9]+, first byte [0-9]+\), attempt )";
  const std::string start = "GET https://localhost:[0-9]+/path: HTTP ";
  EXPECT_THAT(lines, ElementsAre(MatchesRegex(start + "503" + phases + "1; x-ratelimit-remaining: 17"),
                                 MatchesRegex(start + "200" + phases + "2; x-ratelimit-remaining: 17")));
}

TEST_F(TraceOfRequests, a_try_without_a_response_says_why) {
  config_.attempts_max = 1;
  EXPECT_THAT(lines_of("https://localhost:1/", REGCRED_LOG_DEBUG),
              ElementsAre(AllOf(StartsWith("GET https://localhost:1/: no response in "),
                                HasSubstr("attempt 1: no connection to localhost:1"))));
}

TEST_F(TraceOfRequests, nothing_is_written_below_debug) {
  config_.attempts_max = 1;
  EXPECT_THAT(lines_of("https://localhost:1/", REGCRED_LOG_INFO), IsEmpty());
}

}  // namespace
}  // namespace regcred::core
