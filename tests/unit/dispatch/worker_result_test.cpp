#include "dispatch/worker_result.hpp"

#include <gtest/gtest.h>

#include <random>

namespace regcred::core {
namespace {

WorkerResult sample() {
  WorkerResult result;
  result.code = REGCRED_THROTTLED;
  result.text = "wait";
  result.retry_after_seconds = 3304;
  result.scope = REGCRED_SCOPE_REGISTRY;
  result.lifetime_seconds = 7200;
  result.auth.push_back({"reg.example.com", "token", Secret("p1")});
  result.auth.push_back({"reg.example.com/team", "robot", Secret(std::string("p\0 2", 4))});
  result.core_error = Error{ErrorCode::backend_load, "file", "what", "cure"};
  return result;
}

TEST(WorkerResult, says_the_same_after_the_pipe) {
  const std::optional<WorkerResult> back = decode_worker_result(encode_worker_result(sample()).reveal());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->code, REGCRED_THROTTLED);
  EXPECT_EQ(back->text, "wait");
  EXPECT_EQ(back->retry_after_seconds, 3304);
  EXPECT_EQ(back->scope, REGCRED_SCOPE_REGISTRY);
  EXPECT_EQ(back->lifetime_seconds, 7200);
  ASSERT_EQ(back->auth.size(), 2U);
  EXPECT_EQ(back->auth[1].registry, "reg.example.com/team");
  EXPECT_EQ(back->auth[1].password.reveal(), std::string_view("p\0 2", 4));
  ASSERT_TRUE(back->core_error.has_value());
  EXPECT_EQ(back->core_error->code, ErrorCode::backend_load);
  EXPECT_EQ(back->core_error->cure, "cure");
}

TEST(WorkerResult, every_truncation_and_every_left_over_is_refused) {
  const Secret bytes = encode_worker_result(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_worker_result(bytes.reveal().substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_worker_result(std::string(bytes.reveal()) + "x").has_value());
}

TEST(WorkerResult, H5_counts_and_lengths_beyond_the_limits_are_refused) {
  WorkerResult many = sample();
  for (int i = 0; i < 20; ++i) many.auth.push_back({"r", "u", Secret("p")});
  EXPECT_FALSE(decode_worker_result(encode_worker_result(many).reveal()).has_value());
  WorkerResult wordy = sample();
  wordy.text = std::string(600, 'x');
  EXPECT_FALSE(decode_worker_result(encode_worker_result(wordy).reveal()).has_value());
}

TEST(WorkerResult, survives_every_flipped_byte_and_random_noise) {
  const std::string bytes(encode_worker_result(sample()).reveal());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      (void)decode_worker_result(damaged);  // sanitizers judge
    }
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string noise(random() % 80, '\0');
    for (char &c : noise) c = static_cast<char>(random());
    if (!noise.empty()) noise[0] = 1;
    const std::optional<WorkerResult> result = decode_worker_result(noise);
    EXPECT_LE(result ? result->auth.size() : 0, 16U);
  }
}

}  // namespace
}  // namespace regcred::core
