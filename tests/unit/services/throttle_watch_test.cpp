// SPDX-License-Identifier: Apache-2.0
#include "services/http/throttle_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "common/limits.hpp"
#include "unit/services/fake_clock.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Headers = std::vector<std::pair<std::string, std::string>>;

class HttpOfThrottledHosts final : public Http {
 public:
  std::deque<tl::expected<HttpResponse, HttpFailure>> script;
  int sent = 0;
  tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &) override {
    ++sent;
    auto next = std::move(script.front());
    script.pop_front();
    return next;
  }
};

HttpResponse response(int status, std::int64_t retry_after = -1, Headers headers = {}) {
  HttpResponse answer;
  answer.status = status;
  answer.retry_after_seconds = retry_after;
  answer.headers = std::move(headers);
  return answer;
}

// "AUTHORITY OUTCOME SECONDS" of each.
std::vector<std::string> lines(const std::vector<AskedAuthority> &asked) {
  std::vector<std::string> lines;
  for (const AskedAuthority &one : asked) {
    lines.push_back(one.authority + ' ' + std::to_string(static_cast<int>(one.outcome)) + ' ' +
                    std::to_string(one.wait_seconds));
  }
  return lines;
}

TEST(ThrottleWatch, an_authority_has_one_spelling) {
  EXPECT_EQ(authority_of("https://API.example.com/a?b#c"), "https://api.example.com:443");
  EXPECT_EQ(authority_of("https://api.example.com:443"), "https://api.example.com:443");
  EXPECT_EQ(authority_of("HTTPS://api.example.com:8443/"), "https://api.example.com:8443");
  EXPECT_EQ(authority_of("http://169.254.169.254/latest"), "http://169.254.169.254:80");
  EXPECT_EQ(authority_of("https://[FD00::1]/x"), "https://[fd00::1]:443");
  EXPECT_EQ(authority_of("https://[fd00::1]:5000/x"), "https://[fd00::1]:5000");
  EXPECT_EQ(authority_of("https://user:password@api.example.com/"), "https://api.example.com:443");
  EXPECT_EQ(authority_of("api.example.com"), "");
  EXPECT_EQ(authority_of("https:///x"), "");
  EXPECT_EQ(authority_of("https://a\nb/"), "");
  EXPECT_EQ(authority_of("https://" + std::string(limits::authority_bytes_max, 'a')), "");
}

TEST(ThrottleWatch, C4_how_long_a_response_asks_to_wait) {
  constexpr std::int64_t now = 1'800'000'000;
  EXPECT_EQ(wanted_wait(response(429, 3304), now), 3304);
  EXPECT_EQ(wanted_wait(response(429, 0), now), 0);
  EXPECT_EQ(wanted_wait(response(429), now), std::nullopt);
  EXPECT_EQ(wanted_wait(response(429, -1, {{"ratelimit-reset", "60"}}), now), 60);
  EXPECT_EQ(wanted_wait(response(429, -1, {{"x-ratelimit-reset", "60"}}), now), 60);
  EXPECT_EQ(wanted_wait(response(429, -1, {{"x-ratelimit-reset", "1800000090"}}), now), 90) << "a unix time";
  EXPECT_EQ(wanted_wait(response(429, -1, {{"x-ratelimit-reset", "1799999990"}}), now), 0);
  EXPECT_EQ(wanted_wait(response(429, -1, {{"ratelimit-reset", "soon"}}), now), std::nullopt);
  EXPECT_EQ(wanted_wait(response(429, 7, {{"ratelimit-reset", "60"}}), now), 7) << "Retry-After counts first";
}

TEST(ThrottleWatch, C4_notes_the_last_outcome_of_each_authority) {
  HttpOfThrottledHosts http;
  FakeClock clock;
  ThrottleWatch watch(http, clock, nullptr);
  http.script = {response(200),
                 response(429, 60),
                 response(503),
                 response(503, 9),
                 tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "no", 1}),
                 response(429)};
  for (const char *host : {"a", "a", "b", "c", "d", "e"}) {
    static_cast<void>(watch.send({"GET", "https://" + std::string(host) + "/x", {}, {}}));
  }
  EXPECT_THAT(lines(watch.take()), ElementsAre("https://a:443 2 60", "https://b:443 1 -1", "https://c:443 2 9",
                                               "https://d:443 0 -1", "https://e:443 2 -1"));
}

TEST(ThrottleWatch, C4_sends_nothing_to_what_is_held) {
  HttpOfThrottledHosts http;
  FakeClock clock;
  const std::vector<HeldAuthority> held = {{"https://a:443", 60}};
  ThrottleWatch watch(http, clock, &held);
  http.script = {response(200)};
  const auto refused = watch.send({"GET", "https://A/x", {}, {}});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->retry_after_seconds, 60);
  EXPECT_EQ(http.sent, 0);
  EXPECT_EQ(watch.send({"GET", "https://b/x", {}, {}})->status, 200);
  EXPECT_THAT(lines(watch.take()), ElementsAre("https://a:443 3 60", "https://b:443 1 -1"));
}

TEST(ThrottleWatch, H5_notes_no_more_than_eight) {
  HttpOfThrottledHosts http;
  FakeClock clock;
  ThrottleWatch watch(http, clock, nullptr);
  for (int i = 0; i < 20; ++i) {
    http.script.push_back(response(200));
    static_cast<void>(watch.send({"GET", "https://h" + std::to_string(i) + "/", {}, {}}));
  }
  const std::vector<AskedAuthority> asked = watch.take();
  ASSERT_EQ(asked.size(), asked_authorities_max);
  EXPECT_EQ(asked.back().authority, "https://h19:443");
}

}  // namespace
}  // namespace regcred::core
