// SPDX-License-Identifier: Apache-2.0
// The bytes of a stored answer, and for how long it counts.
#include "cache/entry.hpp"

#include <gtest/gtest.h>

#include "cache/flight_lock.hpp"
#include "cache/sealed.hpp"
#include "common/limits.hpp"
#include "unit/cache/cache_fixture.hpp"

namespace regcred::core {
namespace {

using testing::some_entry;

const NodeTime then{1'800'000'000'000, 5'000'000, "boot-a"};
constexpr std::int64_t hour_ms = 3'600'000;

std::string bytes_of(CacheEntry entry) { return std::string(encode_entry(entry).reveal()); }

TEST(CacheEntry, comes_back_as_it_was) {
  const std::optional<CacheEntry> entry = decode_entry(bytes_of(some_entry(then)));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->key, std::string(64, 'a'));
  EXPECT_EQ(entry->created.unix_ms, then.unix_ms);
  EXPECT_EQ(entry->created.boot_ms, then.boot_ms);
  EXPECT_EQ(entry->created.boot_id, "boot-a");
  EXPECT_EQ(entry->usable_seconds, 3240);
  EXPECT_EQ(entry->life_seconds, 3600);
  EXPECT_EQ(entry->scope, CacheKeyType::registry);
  EXPECT_EQ(entry->name, "cloudsmith");
  EXPECT_EQ(entry->backend, "cloudsmith");
  EXPECT_EQ(entry->image, "docker.cloudsmith.io/acme/app");
  EXPECT_EQ(entry->service_account, "team-a/default");
  EXPECT_EQ(entry->payload.reveal(), "the password");
}

TEST(CacheEntry, C2_a_flipped_bit_anywhere_is_no_entry) {
  const std::string whole = bytes_of(some_entry(then));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
      ASSERT_FALSE(decode_entry(damaged)) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST(CacheEntry, C2_a_torn_or_longer_file_is_no_entry) {
  const std::string whole = bytes_of(some_entry(then));
  for (std::size_t size = 0; size < whole.size(); ++size) ASSERT_FALSE(decode_entry(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_entry(whole + '\n'));
  EXPECT_FALSE(decode_entry(whole + whole));
}

TEST(CacheEntry, H5_more_than_64_KiB_is_no_entry) {
  const auto with_payload_of = [](std::size_t size) {
    CacheEntry entry = some_entry(then);
    entry.payload = Secret(std::string(size, 'x'));
    return bytes_of(std::move(entry));
  };
  const std::size_t rest = with_payload_of(1).size() - 1;
  EXPECT_TRUE(decode_entry(with_payload_of(limits::cache_entry_bytes_max - rest)));
  EXPECT_FALSE(decode_entry(with_payload_of(limits::cache_entry_bytes_max - rest + 1)));
}

TEST(CacheEntry, C2_numbers_that_cannot_be_are_no_entry) {
  const auto with = [](auto change) {
    CacheEntry entry = some_entry(then);
    change(entry);
    return decode_entry(bytes_of(std::move(entry))).has_value();
  };
  EXPECT_TRUE(with([](CacheEntry &) {}));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.usable_seconds = entry.life_seconds + 1; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.usable_seconds = -1; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.life_seconds = limits::lifetime_seconds_max + 1; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.created.unix_ms = -1; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.created.boot_ms = INT64_MAX; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.key = "../../etc/passwd"; }));
  EXPECT_FALSE(with([](CacheEntry &entry) { entry.key[5] = 'A'; }));
}

struct LifeCase {
  const char *what;
  NodeTime now;
  std::int64_t usable;  // -1000: it does not count
  std::int64_t life;
};

TEST(CacheEntry, C2_what_is_left_of_it) {
  constexpr std::int64_t none = -1000;
  const LifeCase table[] = {
      {"at once", then, 3240, 3600},
      {"after ten minutes", {then.unix_ms + 600'000, then.boot_ms + 600'000, "boot-a"}, 2640, 3000},
      {"a started second counts as one", {then.unix_ms + 1, then.boot_ms + 1, "boot-a"}, 3239, 3599},
      {"only its margin is left", {then.unix_ms + 3'500'000, then.boot_ms + 3'500'000, "boot-a"}, -260, 100},
      {"the last second", {then.unix_ms + 3'599'000, then.boot_ms + 3'599'000, "boot-a"}, -359, 1},
      {"over", {then.unix_ms + hour_ms, then.boot_ms + hour_ms, "boot-a"}, none, 0},
      {"another boot", {then.unix_ms + 1000, then.boot_ms + 1000, "boot-b"}, none, 0},
      {"no boot id to be had", {then.unix_ms + 1000, then.boot_ms + 1000, ""}, none, 0},
      {"made later than now", {then.unix_ms, then.boot_ms - 1, "boot-a"}, none, 0},
      {"the wall clock set back by an hour", {then.unix_ms - hour_ms, then.boot_ms + 60'000, "boot-a"}, none, 0},
      {"set back a little", {then.unix_ms + 59'500, then.boot_ms + 60'000, "boot-a"}, 3180, 3540},
      {"set forward by half an hour", {then.unix_ms + hour_ms / 2, then.boot_ms + 1000, "boot-a"}, 1440, 1800},
      {"set forward by two hours", {then.unix_ms + 2 * hour_ms, then.boot_ms + 1000, "boot-a"}, none, 0},
      {"the wall clock stands still", {then.unix_ms, then.boot_ms + hour_ms, "boot-a"}, none, 0},
  };
  for (const auto &[what, now, usable, life] : table) {
    const std::optional<LifeLeft> left = life_left(some_entry(then), now);
    ASSERT_EQ(left.has_value(), usable != none) << what;
    if (!left) continue;
    EXPECT_EQ(left->usable_seconds, usable) << what;
    EXPECT_EQ(left->life_seconds, life) << what;
  }
}

TEST(FlightOutcome, C2_is_read_only_as_it_was_written) {
  FlightOutcome outcome{then, true, std::string(64, 'b'), Secret("why")};
  const std::string whole(encode_outcome(outcome).reveal());
  const std::optional<FlightOutcome> read = decode_outcome(whole);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->failed);
  EXPECT_EQ(read->payload.reveal(), "why");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_FALSE(decode_outcome(damaged)) << at;
  }
  EXPECT_FALSE(decode_outcome(whole.substr(0, whole.size() - 1)));
  EXPECT_FALSE(decode_outcome(bytes_of(some_entry(then)))) << "an entry is no outcome";
}

}  // namespace
}  // namespace regcred::core
