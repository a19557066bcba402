// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <regcred/secret.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "unit/common/memory_watch.hpp"

namespace regcred {
namespace {

using testing_memory::watches;

constexpr std::string_view canary = "canary-7f3a90-canary";

class SecretMemory : public ::testing::Test {
 protected:
  ~SecretMemory() override { watches = {}; }

  Secret watched(std::size_t slot = 0) {
    Secret secret(canary);
    watches[slot] = {secret.reveal().data(), secret.size()};
    return secret;
  }
  static void expect_wiped(std::size_t slot = 0) {
    EXPECT_TRUE(watches[slot].is_released);
    EXPECT_TRUE(watches[slot].is_wiped) << "released with its bytes still in it";
  }
  static void expect_alive(std::size_t slot = 0) { EXPECT_FALSE(watches[slot].is_released); }
};

// Without this the tests below could pass because nothing is seen.
TEST_F(SecretMemory, the_watch_sees_memory_that_is_not_wiped) {
  char *bytes = new char[canary.size()];
  std::copy(canary.begin(), canary.end(), bytes);
  watches[0] = {bytes, canary.size()};
  asm volatile("" : : "r"(bytes) : "memory");
  delete[] bytes;
  EXPECT_TRUE(watches[0].is_released);
  EXPECT_FALSE(watches[0].is_wiped);
}

TEST_F(SecretMemory, S1_wiped_on_destruction) {
  {
    const Secret secret = watched();
    ASSERT_EQ(secret.reveal(), canary);
    expect_alive();
  }
  expect_wiped();
}

TEST_F(SecretMemory, S1_wiped_when_another_is_moved_in) {
  Secret target = watched(0);
  Secret source = watched(1);
  target = std::move(source);
  expect_wiped(0);
  expect_alive(1);  // its bytes changed hands, they were not copied
  EXPECT_EQ(target.reveal().data(), watches[1].block);
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_EQ(source.size(), 0U);
  target = Secret();
  expect_wiped(1);
  EXPECT_TRUE(target.empty());
}

TEST_F(SecretMemory, S1_moving_hands_the_one_copy_over) {
  std::optional<Secret> first(watched());
  const Secret second(std::move(*first));
  first.reset();
  expect_alive();
  EXPECT_EQ(second.reveal().data(), watches[0].block);
  EXPECT_EQ(second.reveal(), canary);
}

TEST_F(SecretMemory, S1_moving_onto_itself_keeps_the_bytes) {
  Secret secret = watched();
  Secret &same = secret;
  secret = std::move(same);
  expect_alive();
  EXPECT_EQ(secret.reveal(), canary);
}

TEST_F(SecretMemory, S1_wiped_at_once_on_demand) {
  Secret secret = watched();
  secret.wipe();
  expect_wiped();
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(secret.reveal(), "");
  secret.wipe();
  EXPECT_TRUE(secret.empty());
}

TEST_F(SecretMemory, S1_wiped_when_an_exception_passes) {
  const auto throws = [&] {
    const Secret secret = watched();
    if (!secret.empty()) throw std::runtime_error("x");
  };
  EXPECT_THROW(throws(), std::runtime_error);
  expect_wiped();
}

TEST_F(SecretMemory, S1_a_growing_vector_leaves_no_copy_behind) {
  std::vector<Secret> secrets;
  secrets.push_back(watched());
  for (int i = 0; i < 100; ++i) secrets.emplace_back("another");
  EXPECT_EQ(secrets.front().reveal().data(), watches[0].block);
  expect_alive();
  secrets.clear();
  expect_wiped();
}

TEST_F(SecretMemory, S1_a_clone_has_bytes_of_its_own) {
  std::optional<Secret> original(watched(0));
  {
    const Secret copy = original->clone();
    watches[1] = {copy.reveal().data(), copy.size()};
    original.reset();
    expect_wiped(0);
    EXPECT_EQ(copy.reveal(), canary);
  }
  expect_wiped(1);
}

TEST(Secret, keeps_every_byte_and_none_of_the_callers_memory) {
  std::string source("a\0b\xFF\n", 5);
  const Secret secret(source);
  source.assign(5, 'x');
  EXPECT_EQ(secret.reveal(), std::string_view("a\0b\xFF\n", 5));
  EXPECT_TRUE(Secret("").empty());
  EXPECT_TRUE(Secret().clone().empty());
}

TEST(Secret, S1_turns_into_nothing_by_itself) {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_constructible_v<std::string, Secret>);
  static_assert(!std::is_convertible_v<Secret, const char *> && !std::is_convertible_v<Secret, bool>);
  static_assert(!std::is_convertible_v<std::string, Secret>, "a copy of a text is made on purpose only");
  SUCCEED();
}

}  // namespace
}  // namespace regcred
