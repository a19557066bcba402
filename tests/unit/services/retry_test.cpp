// SPDX-License-Identifier: Apache-2.0
#include "services/http/retry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "fake_clock.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Answers what the test has laid out, each step taking its time.
class ScriptedTry final : public HttpAttempt {
 public:
  struct Step {
    int status = 200;  // 0: no response
    std::int64_t retry_after = -1;
    bool another_may_help = false;
    std::int64_t takes_ms = 0;
  };
  ScriptedTry(FakeClock &clock, std::deque<Step> steps) : clock_(clock), steps_(std::move(steps)) {}

  tl::expected<HttpResponse, AttemptFailure> send(const HttpRequest &, AttemptLimits limits) override {
    limits_ms.push_back(limits.whole_ms);
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    clock_.now_ms += std::min(step.takes_ms, limits.whole_ms);
    if (step.status == 0)
      return tl::make_unexpected(AttemptFailure{REGCRED_UNAVAILABLE, "refused", step.another_may_help});
    return HttpResponse{.status = step.status, .retry_after_seconds = step.retry_after};
  }
  std::vector<std::int64_t> limits_ms;

 private:
  FakeClock &clock_;
  std::deque<Step> steps_;
};

double no_jitter() { return 0.0; }
double full_jitter() { return 0.999; }

class Retries : public ::testing::Test {
 protected:
  tl::expected<HttpResponse, HttpFailure> send(std::deque<ScriptedTry::Step> steps, std::int64_t deadline_ms = 45'000) {
    ScriptedTry http(clock_, std::move(steps));
    auto outcome = send_with_retries(request_, http, config_, {clock_.now_ms + deadline_ms}, clock_, &no_jitter);
    limits_ms_ = http.limits_ms;
    return outcome;
  }
  HttpConfig config_;
  HttpRequest request_{.method = "POST", .url = "https://a"};
  FakeClock clock_;
  std::vector<std::int64_t> limits_ms_;
};

TEST_F(Retries, only_408_425_429_and_5xx_are_tried_again) {
  for (int status = 200; status <= 599; ++status) {
    const bool passing = status == 408 || status == 425 || status == 429 || status >= 500;
    const auto outcome = send({{.status = status}, {.status = 200}});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->attempts, passing ? 2 : 1) << status;
    EXPECT_EQ(outcome->status, passing ? 200 : status);
  }
}

TEST_F(Retries, a_failure_is_tried_again_only_when_that_may_help) {
  EXPECT_EQ(send({{.status = 0, .another_may_help = true}, {.status = 201}})->attempts, 2);
  const auto tls = send({{.status = 0, .another_may_help = false}, {.status = 201}});
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().attempts, 1);
  EXPECT_EQ(tls.error().text, "refused");
}

TEST_F(Retries, back_off_grows_to_the_cap_and_the_last_answer_counts) {
  config_.attempts_max = 7;
  const auto outcome = send({{.status = 503}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 503);
  EXPECT_EQ(outcome->attempts, 7);
  EXPECT_THAT(clock_.sleeps, ElementsAre(500, 1000, 2000, 4000, 8000, 8000));
}

TEST_F(Retries, no_retry_means_one_try_with_all_the_time) {
  request_.may_repeat = false;
  EXPECT_EQ(send({{.status = 503}, {.status = 200}}, 9'000)->attempts, 1);
  EXPECT_THAT(limits_ms_, ElementsAre(9'000));
}

TEST_F(Retries, a_request_may_shorten_its_tries_and_never_lengthen_them) {
  request_.timeout_ms = 1'000;
  EXPECT_EQ(send({{.status = 503}, {.status = 200}}, 9'000)->attempts, 2);
  EXPECT_THAT(limits_ms_, ElementsAre(1'000, 1'000));
  limits_ms_.clear();
  request_.timeout_ms = 90'000;
  EXPECT_TRUE(send({{.status = 200}}, 9'000));
  EXPECT_THAT(limits_ms_, ElementsAre(4'500));
}

TEST_F(Retries, a_retry_after_that_fits_is_kept_to) {
  EXPECT_EQ(send({{.status = 429, .retry_after = 7}, {.status = 201}})->status, 201);
  EXPECT_THAT(clock_.sleeps, ElementsAre(7000));
}

TEST_F(Retries, a_retry_after_that_does_not_fit_fails_at_once_and_says_until_when) {
  const auto outcome = send({{.status = 429, .retry_after = 3304}, {.status = 201}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 429);
  EXPECT_EQ(outcome->retry_after_seconds, 3304);
  EXPECT_THAT(clock_.sleeps, IsEmpty());
}

TEST_F(Retries, H4_one_hung_try_leaves_time_for_another) {
  config_.attempt_ms_max = 60'000;
  EXPECT_EQ(send({{.status = 0, .another_may_help = true, .takes_ms = 99'000}, {.status = 201}}, 10'000)->attempts, 2);
  EXPECT_THAT(limits_ms_, ElementsAre(5'000, 2'250));
}

TEST_F(Retries, H4_tries_and_pauses_never_outlast_the_deadline) {
  config_.attempts_max = 100;
  const auto outcome = send({{.status = 0, .another_may_help = true, .takes_ms = 99'000}}, 20'000);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, REGCRED_TIMEOUT);
  EXPECT_THAT(outcome.error().text, HasSubstr("attempts: refused"));
  EXPECT_LE(clock_.now_ms, 20'000);
}

TEST_F(Retries, without_time_nothing_is_sent) {
  const auto outcome = send({{.status = 200}}, 0);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, REGCRED_TIMEOUT);
  EXPECT_THAT(limits_ms_, IsEmpty());
}

TEST(Backoff, jitter_is_a_share_of_the_delay) {
  HttpConfig config;
  EXPECT_EQ(backoff_ms(config, 2, no_jitter()), 500);
  EXPECT_LE(backoff_ms(config, 2, full_jitter()), 1);
  config.backoff_jitter = 0.1;
  EXPECT_GE(backoff_ms(config, 3, full_jitter()), 900);
  config.backoff_jitter = 0;
  EXPECT_EQ(backoff_ms(config, 3, full_jitter()), 1000);
  EXPECT_EQ(backoff_ms(config, 1000, no_jitter()), config.backoff_cap_ms);
  for (int i = 0; i < 1000; ++i) {
    const double fraction = system_random_fraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
  }
}

TEST(RetryAfter, seconds_and_the_three_forms_of_a_date) {
  constexpr std::int64_t now = 784'111'700;  // 1994-11-06 08:48:20 UTC
  const std::pair<const char *, std::optional<std::int64_t>> table[] = {
      {"0", 0},
      {" 120 ", 120},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 77},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 77},
      {"Sun Nov  6 08:49:37 1994", 77},
      {"Sun, 06 Nov 1994 08:40:00 GMT", 0},
      {"99999999999999999999", 366LL * 24 * 3600},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 GMT trailing", std::nullopt},
  };
  for (const auto &[text, seconds] : table) EXPECT_EQ(parse_retry_after(text, now), seconds) << text;
}

}  // namespace
}  // namespace regcred::core
