// SPDX-License-Identifier: Apache-2.0
#include "services/http/recorded_http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_clock.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZQ";

class AnsweringHttp final : public Http {
 public:
  explicit AnsweringHttp(FakeClock &clock) : clock_(clock) {}
  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &) override {
    clock_.now_ms += 37;
    return outcome;
  }
  tl::expected<HttpResponse, HttpFailure> outcome = HttpResponse{.status = 200, .body = "canary-body"};

 private:
  FakeClock &clock_;
};

class RecordedCalls : public ::testing::Test {
 protected:
  HttpCall call(const HttpRequest &request) {
    RecordedHttp recorded(http_, clock_, token);
    static_cast<void>(recorded.send(request));
    std::vector<HttpCall> calls = recorded.take();
    return calls.empty() ? HttpCall{} : calls.front();
  }

  FakeClock clock_;
  AnsweringHttp http_{clock_};
};

TEST_F(RecordedCalls, whom_what_and_how_long) {
  http_.outcome->attempts = 2;
  const HttpCall made = call({.method = "POST", .url = "https://sts.example.com/x?canary=1", .party = "STS"});
  EXPECT_EQ(made.party, "STS");
  EXPECT_EQ(made.method, "POST");
  EXPECT_EQ(made.url, "https://sts.example.com/x");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.attempts, 2);
  EXPECT_EQ(made.ms, 37);
  EXPECT_EQ(made.failure, "");

  http_.outcome = tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "the name is not known", 3});
  const HttpCall failed = call({.method = "GET", .url = "https://sts.example.com/"});
  EXPECT_EQ(failed.status, 0);
  EXPECT_EQ(failed.failure, "the name is not known");
  EXPECT_EQ(failed.attempts, 3);
}

// A backend or a server may write what it likes.
TEST_F(RecordedCalls, L1_no_secret_and_no_control_character_is_kept) {
  const std::string at = "https://sts.example.com/" + std::string(token);
  const std::string failure = std::string("it quoted canary-credential and ") + token + "\x1b[31m";
  const std::string party = std::string("S") + "\n" + token;
  http_.outcome = tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, failure, 1});
  const HttpCall made =
      call({.method = "POST", .url = at, .headers = {{"Authorization", "Basic canary-credential"}}, .party = party});
  const std::string all = made.party + made.method + made.url + made.failure;
  EXPECT_THAT(all, Not(HasSubstr("canary-credential")));
  EXPECT_THAT(all, Not(HasSubstr(token)));
  EXPECT_EQ(all.find_first_of("\x1b\n"), std::string::npos) << all;
}

TEST_F(RecordedCalls, H5_texts_and_calls_have_limits) {
  RecordedHttp recorded(http_, clock_, token);
  const std::string url = "https://sts.example.com/" + std::string(8000, 'a');
  const std::string party(500, 'p');
  for (int i = 0; i < 100; ++i) static_cast<void>(recorded.send({.method = "POST", .url = url, .party = party}));
  const std::vector<HttpCall> calls = recorded.take();
  EXPECT_EQ(calls.size(), recorded_calls_max);
  EXPECT_LE(calls[0].url.size(), recorded_text_bytes_max);
  EXPECT_LE(calls[0].party.size(), 64U);
}

}  // namespace
}  // namespace regcred::core
