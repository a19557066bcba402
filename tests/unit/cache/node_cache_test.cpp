// SPDX-License-Identifier: Apache-2.0
#include "cache/node_cache.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "cache/file_names.hpp"
#include "support/process.hpp"
#include "unit/cache/cache_fixture.hpp"

namespace regcred::core {
namespace {

using testing::cache_at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::some_entry;

class NodeCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { open(cache_at(path_)); }
  void open(const NodeCacheConfig &config) {
    Result<NodeCache> cache = NodeCache::open(config, clock_, PrivateDirectory::Missing::make);
    ASSERT_TRUE(cache) << cache.error().what;
    cache_.emplace(std::move(*cache));
  }
  void put(char digit, const std::string &name = "one", const std::string &account = "team-a/default") {
    CacheEntry entry = some_entry(cache_->now(), digit);
    entry.name = name;
    entry.service_account = account;
    EXPECT_EQ(cache_->put(entry), 0);
  }
  void make_old(const std::string &name, std::time_t seconds) {
    const timespec times[] = {{std::time(nullptr) - seconds, 0}, {std::time(nullptr) - seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (path_ + '/' + name).c_str(), times, 0), 0) << name;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names = cache_->directory().names(1000);
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string file_of(char digit) const { return data_name(std::string(64, digit)); }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/cache";
  testing::NodeClock clock_;
  std::optional<NodeCache> cache_;
};

TEST_F(NodeCacheTest, finds_what_was_stored_and_nothing_else) {
  put('a');
  const NodeCache::Found found = cache_->find(std::string(64, 'a'));
  ASSERT_TRUE(found.entry);
  EXPECT_EQ(found.entry->payload.reveal(), "the password");
  EXPECT_FALSE(cache_->find(std::string(64, 'b')).entry);
  EXPECT_FALSE(cache_->find(std::string(64, 'b')).corrupt);
}

TEST_F(NodeCacheTest, C1_the_whole_key_counts_not_only_the_part_in_the_name) {
  put('a');
  const NodeCache::Found found = cache_->find(std::string(32, 'a') + std::string(32, 'b'));
  EXPECT_FALSE(found.entry);
  EXPECT_TRUE(found.corrupt);
}

TEST_F(NodeCacheTest, C2_a_damaged_file_does_not_count_and_is_replaced) {
  directory_.write("cache/" + file_of('a'), "regcred entry 1\nrubbish");
  EXPECT_TRUE(cache_->find(std::string(64, 'a')).corrupt);
  put('a');
  EXPECT_TRUE(cache_->find(std::string(64, 'a')).entry);
}

TEST_F(NodeCacheTest, a_newer_entry_stays) {
  CacheEntry older = some_entry(cache_->now());
  clock_.pass_ms(1000);
  put('a');
  older.name = "older";
  EXPECT_EQ(cache_->put(older), 0);
  EXPECT_EQ(cache_->find(std::string(64, 'a')).entry->name, "one");
}

TEST_F(NodeCacheTest, C2_a_disk_is_used_only_when_that_is_allowed) {
  NodeCacheConfig config = cache_at(path_);
  config.require_tmpfs = true;
  const Result<NodeCache> cache = NodeCache::open(config, clock_, PrivateDirectory::Missing::make);
  if (cache_->directory().is_in_memory()) GTEST_SKIP() << "the temporary directory lies in memory";
  ASSERT_FALSE(cache);
  EXPECT_THAT(cache.error().what, HasSubstr("does not lie in memory"));
}

TEST_F(NodeCacheTest, is_swept_every_ten_minutes) {
  put('a');
  put('b');
  clock_.pass_ms(3'600'000);
  directory_.write("cache/" + file_of('c'), "rubbish");
  directory_.write("cache/" + std::string(32, 'd') + ".v1.17.tmp", "left by a killed process");
  directory_.write("cache/" + std::string(32, 'e') + ".v1.18.tmp", "being written");
  directory_.write("cache/" + lock_name(std::string(64, 'a')), "");
  directory_.write("cache/" + lock_name(std::string(64, 'b')), "");
  directory_.write("cache/foreign", "");
  make_old(std::string(32, 'd') + ".v1.17.tmp", 301);
  make_old(lock_name(std::string(64, 'a')), 86'500);
  const std::vector<std::string> before = names();
  put('f');
  EXPECT_EQ(names().size(), before.size() + 1) << "not yet";
  make_old("swept", 601);
  put('f');
  EXPECT_THAT(names(), ElementsAre(lock_name(std::string(64, 'b')), std::string(32, 'e') + ".v1.18.tmp", file_of('f'),
                                   "foreign", "swept"));
}

TEST_F(NodeCacheTest, H5_the_oldest_above_the_limit_go) {
  NodeCacheConfig config = cache_at(path_);
  config.entries_max = 3;
  open(config);
  for (const char digit : {'1', '2', '3', '4', '5'}) {
    put(digit);
    clock_.pass_ms(1000);
  }
  make_old("swept", 601);
  put('6');
  EXPECT_THAT(names(), ElementsAre(file_of('4'), file_of('5'), file_of('6'), "swept"));
}

TEST_F(NodeCacheTest, H5_all_entries_together_have_a_limit) {
  for (int i = 0; i < 300; ++i) {
    CacheEntry entry = some_entry(cache_->now());
    const std::string number = std::to_string(1000 + i);
    entry.key = number + std::string(60, 'a');
    entry.payload = Secret(std::string(60'000, 'x'));
    ASSERT_EQ(cache_->put(entry), 0);
  }
  make_old("swept", 601);
  put('b');
  std::size_t bytes = 0;
  for (const std::string &name : names()) bytes += std::filesystem::file_size(path_ + '/' + name);
  EXPECT_LE(bytes, limits::cache_bytes_max);
  EXPECT_GT(bytes, limits::cache_bytes_max / 2);
}

TEST_F(NodeCacheTest, is_listed_without_secrets) {
  put('b', "two");
  put('a', "one");
  directory_.write("cache/" + file_of('c'), "rubbish");
  clock_.pass_ms(600'000);
  const std::vector<StoredEntry> stored = cache_->list();
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].entry.name, "one");
  EXPECT_EQ(stored[1].entry.name, "two");
  EXPECT_TRUE(stored[0].entry.payload.empty());
  ASSERT_TRUE(stored[0].left);
  EXPECT_EQ(stored[0].left->life_seconds, 3000);
  EXPECT_EQ(stored[0].left->age_seconds, 600);
}

TEST_F(NodeCacheTest, is_cleared_by_entry_registry_and_namespace) {
  put('a', "one", "team-a/default");
  put('b', "two", "team-a/default");
  put('c', "two", "team-b/default");
  EXPECT_EQ(cache_->clear({"one", "", ""}), 1U);
  EXPECT_EQ(cache_->clear({"", "elsewhere.example.com", ""}), 0U);
  EXPECT_EQ(cache_->clear({"", "docker.cloudsmith.io", "team-b"}), 1U);
  EXPECT_EQ(cache_->list().size(), 1U);
  directory_.write("cache/" + lock_name(std::string(64, 'b')), "");
  directory_.write("cache/" + file_of('d'), "rubbish");
  EXPECT_EQ(cache_->clear({}), 1U);
  EXPECT_THAT(names(), ElementsAre("swept"));
}

TEST_F(NodeCacheTest, knows_this_boot) {
  EXPECT_EQ(cache_->now().boot_id.size(), 36U);
  EXPECT_EQ(cache_->now().boot_ms, clock_.running_ms);
}

}  // namespace
}  // namespace regcred::core
