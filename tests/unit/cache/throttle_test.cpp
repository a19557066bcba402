// SPDX-License-Identifier: Apache-2.0
// Until when a host wants no requests.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "cache/throttle_memory.hpp"
#include "support/process.hpp"
#include "unit/cache/cache_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const NodeTime made_at{1'800'000'000'000, 5'000'000, "boot-a"};

Throttle some_throttle() { return {"https://api.example.com:443", made_at, 60'000, 60, 1, {"caller"}}; }

TEST(Throttle, C2_is_read_only_as_it_was_written) {
  Throttle throttle = some_throttle();
  const std::string whole = encode_throttle(throttle);
  const std::optional<Throttle> read = decode_throttle(whole);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->authority, "https://api.example.com:443");
  EXPECT_EQ(read->wait_ms, 60'000);
  EXPECT_THAT(read->callers, ElementsAre("caller"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_FALSE(decode_throttle(damaged)) << at;
    ASSERT_FALSE(decode_throttle(whole.substr(0, at))) << at;
  }
}

TEST(Throttle, H5_what_cannot_be_is_not_read) {
  const auto with = [](auto change) {
    Throttle throttle = some_throttle();
    change(throttle);
    return decode_throttle(encode_throttle(throttle)).has_value();
  };
  EXPECT_TRUE(with([](Throttle &) {}));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.wait_ms = 3'960'001; }));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.wait_ms = -1; }));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.count = 0; }));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.authority = "a\nb"; }));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.authority.clear(); }));
  EXPECT_FALSE(with([](Throttle &throttle) { throttle.created.boot_ms = -1; }));
}

TEST(Throttle, C4_only_the_time_since_boot_counts) {
  const auto left = [](NodeTime now) { return wait_left_ms(some_throttle(), now).value_or(-9); };
  EXPECT_EQ(left(made_at), 60'000);
  EXPECT_EQ(left({made_at.unix_ms + 7'200'000, made_at.boot_ms + 1000, "boot-a"}), 59'000)
      << "the wall clock set forward";
  EXPECT_EQ(left({made_at.unix_ms - 7'200'000, made_at.boot_ms + 1000, "boot-a"}), 59'000) << "and back";
  EXPECT_EQ(left({made_at.unix_ms, made_at.boot_ms + 61'000, "boot-a"}), -1000) << "over: one may ask";
  EXPECT_EQ(left({made_at.unix_ms, made_at.boot_ms + 3'661'000, "boot-a"}), -9) << "long over";
  EXPECT_EQ(left({made_at.unix_ms, made_at.boot_ms, "boot-b"}), -9) << "another boot";
  EXPECT_EQ(left({made_at.unix_ms, made_at.boot_ms - 1, "boot-a"}), -9) << "made later than now";
}

TEST(Throttle, C4_how_long_to_wait) {
  EXPECT_EQ(throttle_wait_ms(3304, 1, 0.0), 3'304'000);
  EXPECT_EQ(throttle_wait_ms(3304, 1, 1.0), 3'634'400) << "up to 10 % of jitter";
  EXPECT_EQ(throttle_wait_ms(86'400, 1, 0.0), 3'600'000) << "at most an hour";
  EXPECT_EQ(throttle_wait_ms(0, 1, 0.0), 0);
  const std::int64_t guesses[] = {5, 10, 20, 40, 60, 60};
  for (std::int64_t count = 1; count <= 6; ++count) {
    EXPECT_EQ(throttle_wait_ms(-1, count, 0.0), guesses[count - 1] * 1000) << count;
  }
  EXPECT_EQ(throttle_wait_ms(-1, INT64_MAX, 0.0), 60'000);
}

class ThrottleMemoryTest : public ::testing::Test {
 protected:
  std::optional<ThrottleMemory> open(PrivateDirectory::Missing missing = PrivateDirectory::Missing::make) {
    error_.reset();
    return ThrottleMemory::open(config_, clock_, missing, error_);
  }
  // "AUTHORITY SECONDS-LEFT CALLERS" of each.
  std::vector<std::string> all() {
    std::vector<std::string> lines;
    for (const Throttle &throttle : open()->all()) {
      lines.push_back(throttle.authority + ' ' + std::to_string(*wait_left_ms(throttle, open()->now()) / 1000) + ' ' +
                      std::to_string(throttle.callers.size()));
    }
    return lines;
  }

  testing::TemporaryDirectory directory_;
  ThrottleConfig config_{true, directory_.path() + "/throttle"};
  testing::NodeClock clock_;
  std::optional<Error> error_;
};

TEST_F(ThrottleMemoryTest, needs_no_directory_until_something_is_remembered) {
  EXPECT_FALSE(open(PrivateDirectory::Missing::leave));
  EXPECT_FALSE(error_);
  EXPECT_FALSE(std::filesystem::exists(config_.directory));
  config_.enabled = false;
  EXPECT_FALSE(open());
  EXPECT_FALSE(std::filesystem::exists(config_.directory));
}

TEST_F(ThrottleMemoryTest, C4_remembers_until_when_and_who) {
  open()->note("https://a:443", 100, "one", 0.0);
  clock_.pass_ms(40'000);
  open()->note("https://b:443", -1, "two", 0.0);
  open()->add_caller_of("https://b:443", "three");
  open()->add_caller_of("https://c:443", "three");
  EXPECT_THAT(all(), ElementsAre("https://a:443 60 1", "https://b:443 5 2"));
  EXPECT_TRUE(open()->forget("https://a:443"));
  EXPECT_THAT(all(), ElementsAre("https://b:443 5 2"));
  EXPECT_EQ(open()->clear(), 1U);
  EXPECT_THAT(all(), IsEmpty());
}

TEST_F(ThrottleMemoryTest, C4_twenty_at_once_are_one_throttling) {
  for (int i = 0; i < 20; ++i) open()->note("https://a:443", -1, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 5 1"));
  open()->note("https://a:443", 100, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 100 1")) << "what the host says counts more";
  open()->note("https://a:443", -1, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 100 1"));
}

TEST_F(ThrottleMemoryTest, C4_a_guess_doubles_while_it_repeats) {
  open()->note("https://a:443", -1, "one", 0.0);
  clock_.pass_ms(5000);
  open()->note("https://a:443", -1, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 10 1"));
  clock_.pass_ms(10'000);
  open()->note("https://a:443", -1, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 20 1"));
  open()->forget("https://a:443");
  open()->note("https://a:443", -1, "one", 0.0);
  EXPECT_THAT(all(), ElementsAre("https://a:443 5 1"));
}

TEST_F(ThrottleMemoryTest, C4_one_asks_first_when_the_wait_is_over) {
  open()->note("https://a:443", 1, "one", 0.0);
  const std::optional<ThrottleMemory> memory = open();
  const UniqueFd first = memory->probe_lock("https://a:443", {clock_.running_ms});
  EXPECT_TRUE(first);
  const std::int64_t before = clock_.running_ms;
  EXPECT_FALSE(memory->probe_lock("https://a:443", {clock_.running_ms + 2000}));
  EXPECT_EQ(clock_.running_ms - before, 2000);
  EXPECT_TRUE(memory->probe_lock("https://b:443", {clock_.running_ms}));
}

TEST_F(ThrottleMemoryTest, H5_has_limits) {
  for (int i = 0; i < 100; ++i) open()->note("https://h" + std::to_string(i) + ":443", 100, "one", 0.0);
  EXPECT_LE(open()->all().size(), throttles_max);
  for (int i = 0; i < 300; ++i) open()->note("https://x:443", 100, std::string(60, 'c') + std::to_string(i), 0.0);
  for (const Throttle &throttle : open()->all()) EXPECT_LE(throttle.callers.size(), throttle_callers_max);
}

TEST_F(ThrottleMemoryTest, C2_a_directory_of_others_is_not_used) {
  ASSERT_TRUE(open());
  ASSERT_EQ(::chmod(config_.directory.c_str(), 0755), 0);
  EXPECT_FALSE(open());
  EXPECT_TRUE(error_);
}

TEST_F(ThrottleMemoryTest, C2_damaged_files_do_not_count) {
  open()->note("https://a:443", 100, "one", 0.0);
  for (const auto &file : std::filesystem::directory_iterator(config_.directory)) {
    if (file.path().extension() != ".v1") continue;
    std::filesystem::copy_file(file.path(), file.path().parent_path() / (std::string(32, 'a') + ".v1"));
    std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) - 1);
    break;
  }
  EXPECT_THAT(all(), IsEmpty()) << "one is torn, the other has the name of another host";
}

}  // namespace
}  // namespace regcred::core
