// SPDX-License-Identifier: Apache-2.0
// One asks, the others wait.
#include "cache/flight_lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cache/file_names.hpp"
#include "support/process.hpp"
#include "unit/cache/cache_fixture.hpp"

namespace regcred::core {
namespace {

using State = FlightLock::State;

class FlightLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<PrivateDirectory> opened = PrivateDirectory::open(path_, PrivateDirectory::Missing::make);
    ASSERT_TRUE(opened);
    private_.emplace(std::move(*opened));
  }
  FlightLock lock(char digit = 'a') { return {*private_, std::string(64, digit), &clock_}; }
  Deadline in_ms(std::int64_t ms) { return {clock_.running_ms + ms}; }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/cache";
  std::string file_ = path_ + '/' + lock_name(std::string(64, 'a'));
  testing::NodeClock clock_;
  std::optional<PrivateDirectory> private_;
};

TEST_F(FlightLockTest, C3_one_holds_it_the_next_waits_its_time) {
  FlightLock first = lock();
  FlightLock second = lock();
  FlightLock other = lock('b');
  EXPECT_EQ(first.take(in_ms(0)), State::held);
  const std::int64_t before = clock_.running_ms;
  EXPECT_EQ(second.take(in_ms(1000)), State::busy);
  EXPECT_EQ(clock_.running_ms - before, 1000);
  EXPECT_EQ(other.take(in_ms(0)), State::held) << "each key has its own";
  first.release();
  EXPECT_EQ(second.take(in_ms(0)), State::held);
}

TEST_F(FlightLockTest, C3_nobody_waits_for_an_answer_that_is_not_shared) {
  FlightLock first = lock();
  ASSERT_EQ(first.take(in_ms(0)), State::held);
  FlightOutcome outcome{{1, 1, "boot"}, false, "", {}};
  first.note(&outcome);
  FlightLock second = lock();
  const std::int64_t before = clock_.running_ms;
  EXPECT_EQ(second.take(in_ms(1000)), State::busy);
  EXPECT_EQ(clock_.running_ms, before);
  ASSERT_TRUE(second.last());
  EXPECT_FALSE(second.last()->failed);
  first.note(nullptr);
  EXPECT_FALSE(second.last());
}

TEST_F(FlightLockTest, C3_a_failure_stays_for_who_comes_next) {
  FlightLock first = lock();
  ASSERT_EQ(first.take(in_ms(0)), State::held);
  FlightOutcome outcome{{1, 2, "boot"}, true, std::string(64, 'a'), Secret("why")};
  first.note(&outcome);
  outcome.payload = Secret("x");
  first.note(&outcome);
  first.release();
  FlightLock second = lock();
  ASSERT_EQ(second.take(in_ms(0)), State::held);
  ASSERT_TRUE(second.last());
  EXPECT_EQ(second.last()->payload.reveal(), "x");
  EXPECT_EQ(second.last()->ended.boot_ms, 2);
}

TEST_F(FlightLockTest, C2_a_torn_outcome_is_none) {
  directory_.write("cache/" + lock_name(std::string(64, 'a')), "regcred outcome 1\nhalf of i");
  FlightLock first = lock();
  ASSERT_EQ(first.take(in_ms(0)), State::held);
  EXPECT_FALSE(first.last());
}

TEST_F(FlightLockTest, C2_a_foreign_file_is_no_lock) {
  std::filesystem::create_directory(file_);
  EXPECT_EQ(lock().take(in_ms(1000)), State::unusable);
  std::filesystem::remove(file_);
  directory_.write("elsewhere", "");
  std::filesystem::create_symlink(directory_.path() + "/elsewhere", file_);
  EXPECT_EQ(lock().take(in_ms(1000)), State::unusable);
}

// Removes the file of the lock while somebody waits for it, as a sweep does.
class SweepingClock final : public Clock {
 public:
  std::string file;
  FlightLock *holder = nullptr;
  std::int64_t now_ms = 0;
  [[nodiscard]] std::int64_t unix_ms() override { return now_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() override { return now_ms; }
  void sleep_ms(std::int64_t ms) override {
    now_ms += ms;
    if (holder == nullptr) return;
    std::filesystem::remove(file);
    holder->release();
    holder = nullptr;
  }
};

TEST_F(FlightLockTest, C3_a_lock_whose_file_was_swept_is_taken_again) {
  FlightLock first = lock();
  ASSERT_EQ(first.take(in_ms(0)), State::held);
  SweepingClock clock;
  clock.file = file_;
  clock.holder = &first;
  FlightLock second(*private_, std::string(64, 'a'), &clock);
  ASSERT_EQ(second.take({1000}), State::held);
  EXPECT_TRUE(std::filesystem::exists(file_)) << "a lock without a name excludes nobody";
  EXPECT_EQ(lock().take(in_ms(0)), State::busy);
}

}  // namespace
}  // namespace regcred::core
