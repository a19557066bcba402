// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "support/recording_log.hpp"

namespace regcred::core {
namespace {

using testing::RecordingLog;

// Says its lines in order and writes down who was asked.
class ScriptedRunner final : public BackendRunner {
 public:
  std::deque<WorkerResult> script;
  std::vector<std::string> asked;

  Result<WorkerResult> run(const BackendJob &job) override {
    asked.push_back(job.entry.name);
    if (script.empty()) return fail(ErrorCode::deadline, "registry", "no time", "");
    WorkerResult next = std::move(script.front());
    script.pop_front();
    return next;
  }
};

class Dispatch : public ::testing::Test {
 protected:
  Dispatch() {
    for (const char *name : {"first", "second", "third"}) {
      entries_.emplace_back();
      entries_.back().name = name;
    }
    for (const RegistryEntry &entry : entries_) route_.candidates.push_back(&entry);
    request_.api_version = "credentialprovider.kubelet.k8s.io/v1beta1";
    request_.image = ImageReference("reg.io/app");
  }
  Result<Answer> dispatch_all() {
    Answered answered = dispatch(request_, route_, runner_, clock_, log_);
    by_ = answered.by == nullptr ? "" : answered.by->name;
    why_none_ = answered.why_none;
    return std::move(answered.answer);
  }
  static WorkerResult says(std::int32_t code) {
    WorkerResult result;
    result.code = code;
    if (code == REGCRED_OK) result.auth.push_back({"reg.io", "user", Secret("password")});
    return result;
  }

  std::deque<RegistryEntry> entries_;
  std::string by_;
  std::string why_none_;
  Route route_;
  Request request_;
  ScriptedRunner runner_;
  SystemClock clock_;
  RecordingLog log_;
};

TEST_F(Dispatch, who_had_nothing_and_why_can_be_read) {
  runner_.script.push_back(says(REGCRED_NO_CREDENTIALS));
  runner_.script.back().text = "no path\n fits";
  runner_.script.push_back(says(REGCRED_OK));
  ASSERT_TRUE(dispatch_all());
  EXPECT_EQ(log_.lines, std::vector<std::string>({R"(registry "first" (backend ): no credentials: no path\n fits)"}));
}

TEST_F(Dispatch, the_first_answer_ends_it) {
  runner_.script.push_back(says(REGCRED_OK));
  const Result<Answer> answer = dispatch_all();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->auth.size(), 1U);
  EXPECT_EQ(answer->api_version, request_.api_version);
  EXPECT_EQ(runner_.asked, std::vector<std::string>({"first"}));
}

TEST_F(Dispatch, only_no_credentials_hands_on) {
  runner_.script.push_back(says(REGCRED_NO_CREDENTIALS));
  runner_.script.push_back(says(REGCRED_OK));
  EXPECT_TRUE(dispatch_all());
  EXPECT_EQ(runner_.asked, std::vector<std::string>({"first", "second"}));
  EXPECT_EQ(by_, "second");
}

TEST_F(Dispatch, M4_every_error_stops_with_that_error) {
  for (std::int32_t code = REGCRED_BAD_CONFIG; code <= REGCRED_INTERNAL; ++code) {
    runner_.asked.clear();
    runner_.script.clear();
    runner_.script.push_back(says(code));
    EXPECT_FALSE(dispatch_all()) << code;
    EXPECT_EQ(runner_.asked.size(), 1U) << code;
    EXPECT_EQ(by_, "first");
  }
}

TEST_F(Dispatch, a_worker_that_says_nothing_stops_too) {
  EXPECT_EQ(dispatch_all().error().code, ErrorCode::deadline);
  EXPECT_EQ(runner_.asked.size(), 1U);
}

TEST_F(Dispatch, a_token_for_somebody_else_reaches_no_worker) {
  entries_.front().audience = "me";
  request_.service_account_token = Secret("token");
  request_.token_claims = TokenClaims{{"somebody-else"}, ""};
  EXPECT_EQ(dispatch_all().error().code, ErrorCode::config);
  EXPECT_TRUE(runner_.asked.empty());
  EXPECT_EQ(by_, "first");
}

TEST_F(Dispatch, when_all_abstain_the_answer_is_empty_and_not_cached) {
  for (int i = 0; i < 3; ++i) runner_.script.push_back(says(REGCRED_NO_CREDENTIALS));
  runner_.script.back().text = "none is for this image";
  const Result<Answer> answer = dispatch_all();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->auth.empty());
  EXPECT_EQ(answer->cache_duration, std::chrono::seconds(0));
  EXPECT_EQ(answer->cache_key_type, CacheKeyType::image);
  EXPECT_EQ(why_none_, "none is for this image");
}

}  // namespace
}  // namespace regcred::core
