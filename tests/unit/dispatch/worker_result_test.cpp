// SPDX-License-Identifier: Apache-2.0
#include "dispatch/worker_result.hpp"

#include <gtest/gtest.h>

#include <random>

namespace regcred::core {
namespace {

using Outcome = Result<WorkerResult>;

Outcome sample() {
  WorkerResult result;
  result.code = REGCRED_THROTTLED;
  result.text = "wait";
  result.retry_after_seconds = 3304;
  result.scope = REGCRED_SCOPE_REGISTRY;
  result.lifetime_seconds = 7200;
  result.lifetime_has_margin = true;
  result.auth.push_back({"reg.example.com", "token", Secret("p1")});
  result.auth.push_back({"reg.example.com/team", "robot", Secret(std::string("p\0 2", 4))});
  result.calls.push_back({"STS", "POST", "https://sts.example.com/", 0, "no route", 3, 5003});
  return result;
}

Outcome failure() { return fail(ErrorCode::backend_load, "file", "what", "cure"); }

Secret bytes_of(Outcome outcome) { return encoded(outcome); }
bool is_refused(std::string_view bytes) { return !decoded<Outcome>(bytes); }

TEST(WorkerResult, says_the_same_after_the_pipe) {
  const std::optional<Outcome> back = decoded<Outcome>(bytes_of(sample()).reveal());
  ASSERT_TRUE(back && *back);
  const WorkerResult &result = **back;
  EXPECT_EQ(result.code, REGCRED_THROTTLED);
  EXPECT_EQ(result.text, "wait");
  EXPECT_EQ(result.retry_after_seconds, 3304);
  EXPECT_EQ(result.scope, REGCRED_SCOPE_REGISTRY);
  EXPECT_EQ(result.lifetime_seconds, 7200);
  EXPECT_TRUE(result.lifetime_has_margin);
  ASSERT_EQ(result.auth.size(), 2U);
  EXPECT_EQ(result.auth[1].registry, "reg.example.com/team");
  EXPECT_EQ(result.auth[1].password.reveal(), std::string_view("p\0 2", 4));
  ASSERT_EQ(result.calls.size(), 1U);
  const HttpCall &call = result.calls.front();
  EXPECT_EQ(call.party + call.method + call.url + call.failure, "STSPOSThttps://sts.example.com/no route");
  EXPECT_EQ(call.status + call.attempts + call.ms, 5006);
  const std::optional<Outcome> failed = decoded<Outcome>(bytes_of(failure()).reveal());
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().code, ErrorCode::backend_load);
  EXPECT_EQ(failed->error().cure, "cure");
}

TEST(WorkerResult, every_truncation_and_every_left_over_is_refused) {
  for (Outcome (*make)() : {sample, failure}) {
    const Secret bytes = bytes_of(make());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_TRUE(is_refused(bytes.reveal().substr(0, size))) << size;
    }
    EXPECT_TRUE(is_refused(std::string(bytes.reveal()) + "x"));
  }
}

TEST(WorkerResult, H5_counts_and_lengths_beyond_the_limits_are_refused) {
  Outcome many = sample();
  for (int i = 0; i < 20; ++i) many->auth.push_back({"r", "u", Secret("p")});
  EXPECT_TRUE(is_refused(encoded(many).reveal()));
  Outcome talkative = sample();
  talkative->calls.resize(recorded_calls_max + 1);
  EXPECT_TRUE(is_refused(encoded(talkative).reveal()));
  Outcome wordy = sample();
  wordy->text = std::string(600, 'x');
  EXPECT_TRUE(is_refused(encoded(wordy).reveal()));
  for (const int code : {0, 1, 9, 255}) {
    Outcome odd = failure();
    odd.error().code = static_cast<ErrorCode>(code);
    EXPECT_TRUE(is_refused(encoded(odd).reveal())) << code;
  }
}

TEST(WorkerResult, survives_every_flipped_byte_and_random_noise) {
  const std::string bytes(bytes_of(sample()).reveal());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      (void)decoded<Outcome>(damaged);  // sanitizers judge
    }
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string noise(random() % 80, '\0');
    for (char &c : noise) c = static_cast<char>(random());
    if (!noise.empty()) noise[0] = 1;
    const std::optional<Outcome> outcome = decoded<Outcome>(noise);
    EXPECT_LE(outcome && *outcome ? (*outcome)->auth.size() : 0, 16U);
  }
}

}  // namespace
}  // namespace regcred::core
